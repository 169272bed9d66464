const fs = require("fs");

fs.mkdirSync("public");
