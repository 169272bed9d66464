const fs = require("fs");

fs.mkdirSync("uploads", { recursive: true });
require("http").createServer().listen(3000);
