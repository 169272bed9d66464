const fs = require("fs");
const multer = require("multer");
const path = require("path");

const images = path.join(__dirname, "public", "images");
if (!fs.existsSync(images)) fs.mkdirSync(images, { recursive: true });
const upload = multer({ dest: "uploads/" });
const disk = multer.diskStorage({
  destination: (request, file, cb) => cb(null, "./files"),
  filename: (request, file, cb) => cb(null, Date.now() + file.originalname),
});
fs.writeFileSync(process.env.STATE || "state/now.json", "{}");
