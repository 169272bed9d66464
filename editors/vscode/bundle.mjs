// Makes one file of the extension and what it uses, without which VS Code would load hundreds, and beside it the licences and the schema of
// .ironhull.yaml, with which Red Hat's extension for YAML checks and completes it.
import { build } from "esbuild";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const { metafile } = await build({
    entryPoints: ["src/extension.ts"],
    outfile: "out/extension.js",
    bundle: true,
    minify: true,
    platform: "node",
    target: "node18",
    external: ["vscode"],
    metafile: true,
    logLevel: "warning",
});
const packages = new Set(Object.keys(metafile.inputs).flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
const licences = [...packages].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, "utf8").replace(/\r/g, "").trim()}\n`;
});
writeFileSync("out/LICENCES.txt", licences.join(`\n${"-".repeat(72)}\n\n`));
copyFileSync("../ironhull.schema.json", "out/ironhull.schema.json");
