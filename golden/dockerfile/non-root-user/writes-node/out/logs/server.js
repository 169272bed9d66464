const fs = require("fs");
const os = require("os");
const path = require("path");
const winston = require("winston");

winston.createLogger({
  transports: [new winston.transports.File({ filename: "logs/error.log", level: "error" })],
});
fs.writeFileSync(path.join(os.tmpdir(), "ready"), "");
