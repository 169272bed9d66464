const fs = require("fs");
const path = require("path");

fs.mkdirSync("./dist/pages", { recursive: true });
fs.writeFileSync(path.join(__dirname, "build", "list.json"), "[]");
