// The extension as it is packaged, in front of the real server: each command, rewriting on save, the status item. What
// becomes of files is what the command line makes of them. Ends with a line `N passed, N failed`.
//
//     node test/commands.js IRONHULL SAMPLE-FOLDER [EXTENSION-FOLDER]
"use strict";
const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const Module = require("module");
const os = require("os");
const path = require("path");
const check = require("../../../tests/checks");
const { vscode, seen, show, set, Range } = require("./vscode");

const [program, sample] = process.argv.slice(2, 4).map((name) => path.resolve(name));
const folder = path.resolve(process.argv[4] ?? path.join(__dirname, ".."));
const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
const load = Module._load;
Module._load = (name, ...more) => (name === "vscode" ? vscode : load(name, ...more));

const work = fs.mkdtempSync(path.join(os.tmpdir(), "ironhull-vscode-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));
let copies = 0;

// A folder with the sample in it, and a character outside of the BMP ahead of what is changed.
function prepare() {
    const root = path.join(work, (copies++).toString());
    fs.cpSync(sample, root, { recursive: true });
    fs.writeFileSync(path.join(root, "Dockerfile"), `# 🐘\n${fs.readFileSync(path.join(sample, "Dockerfile"), "utf8")}`);
    fs.mkdirSync(path.join(root, "node_modules/other"), { recursive: true });
    fs.copyFileSync(path.join(sample, "Dockerfile"), path.join(root, "node_modules/other/Dockerfile"));
    seen.root = root;
    return root;
}

const read = (...name) => fs.readFileSync(path.join(...name), "utf8");

// What `ironhull -w NAME` makes of it.
function hardened(name, what = name) {
    const root = path.join(work, `expected-${copies}`);
    fs.rmSync(root, { recursive: true, force: true });
    fs.cpSync(seen.root, root, { recursive: true });
    execFileSync(program, ["-w", name], { cwd: root, stdio: "ignore" });
    return read(root, what);
}

// What the filter makes of it, which changes nothing beside it.
const filtered = (root, name) =>
    execFileSync(program, ["-", `--stdin-filename=${path.join(root, name)}`], { cwd: root, input: read(root, name), stdio: ["pipe", "pipe", "ignore"] }).toString();

const until = async (holds, what) => {
    for (let i = 0; i < 400; i++) {
        if (holds()) return;
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.fail(`in vain: ${what}`);
};
const run = (name) => vscode.commands.executeCommand(`ironhull.${name}`);
const textOf = (file) => vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file)?.getText();
const found = (document) => vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "ironhull");
const item = () => seen.items[0];
let extension;

const tests = {
    async "a program that is not there"() {
        await set("ironhull.path", path.join(work, "none"));
        extension = require(path.join(folder, manifest.main));
        prepare();
        await show(path.join(seen.root, "Dockerfile"));
        await extension.activate({ subscriptions: [] });
        assert(seen.messages.some((text) => text.startsWith("error: ironhull: ") && text.includes("does not start")), seen.messages.join());
        assert.deepStrictEqual([item().isShown, item().text, item().command], [true, "$(warning) ironhull", "ironhull.restart"]);
        await set("ironhull.path", program);
        await until(() => item().text.startsWith("$(shield)"), "a server that runs");
        assert.strictEqual(item().command, "ironhull.hardenFile");
    },
    async "commands are those of package.json"() {
        const known = (await vscode.commands.getCommands()).filter((name) => name.startsWith("ironhull."));
        assert.deepStrictEqual(known.sort(), manifest.contributes.commands.map(({ command }) => command).sort());
        assert.strictEqual(known.length, 4);
    },
    async "findings, and how many the status item shows"() {
        prepare();
        const document = await show(path.join(seen.root, "Dockerfile"));
        await until(() => found(document).length > 0, "findings");
        await until(() => item().text === `$(shield) ${found(document).length}`, item().text);
        const rules = found(document).map(({ code }) => code.value ?? code);
        assert(rules.includes("non-root-user") && rules.includes("init-process"), rules.join());
        await show(path.join(seen.root, "server.js"));
        assert(!item().isShown);
    },
    async "settings are those that the server takes"() {
        const values = { select: "init-process", ignore: "init-process", user: "me", uid: 1500, gid: 1500, unsafeFixes: true, podSecurity: "baseline", seccomp: "localhost" };
        const { path: _, fixOnSave: __, ...own } = Object.fromEntries(Object.keys(manifest.contributes.configuration.properties).map((name) => [name.slice("ironhull.".length), 1]));
        assert.deepStrictEqual(Object.keys(own).sort(), Object.keys(values).sort());
        prepare();
        const document = await show(path.join(seen.root, "Dockerfile"));
        const rules = () => [...new Set(found(document).map(({ code }) => code.value ?? code))].sort().join();
        await until(() => rules() === "builder-stage,init-process,non-root-user", rules());
        const before = seen.messages.length;
        await set("ironhull.select", values.select);
        await until(() => rules() === "init-process", rules());
        await set("ironhull.select", "");
        await set("ironhull.ignore", values.ignore);
        await until(() => rules() === "builder-stage,non-root-user", rules());
        for (const [name, value] of Object.entries(values)) await set(`ironhull.${name}`, value);
        for (const name of Object.keys(values)) await set(`ironhull.${name}`, manifest.contributes.configuration.properties[`ironhull.${name}`].default);
        await until(() => rules() === "builder-stage,init-process,non-root-user", rules());
        assert.deepStrictEqual(seen.messages.slice(before), []);
    },
    async "showDiff shows, and changes nothing"() {
        const root = prepare();
        const document = await show(path.join(root, "Dockerfile"));
        const before = document.getText();
        await run("showDiff");
        const [name, left, right, title] = seen.executed.at(-1);
        assert.deepStrictEqual([name, left.toString(), title], ["vscode.diff", document.uri.toString(), "Dockerfile: hardened"]);
        assert.strictEqual(right.scheme, seen.provider.scheme);
        assert.strictEqual(await seen.provider.provider.provideTextDocumentContent(right), hardened("Dockerfile"));
        let changed = "";
        seen.provider.provider.onDidChange((uri) => (changed = uri.toString()));
        document.edit([{ range: new Range(0, 0, 0, 0), newText: "# more\n" }]);
        assert.strictEqual(changed, right.toString());
        assert((await seen.provider.provider.provideTextDocumentContent(right)).startsWith("# more\n# 🐘\n"));
        assert.strictEqual(document.getText(), `# more\n${before}`);
        assert.strictEqual(read(root, "Dockerfile"), before);
    },
    async "hardenFile makes all safe fixes, and the file that they need"() {
        const root = prepare();
        const document = await show(path.join(root, "Dockerfile"));
        await run("hardenFile");
        assert.strictEqual(document.getText(), hardened("Dockerfile"));
        assert.strictEqual(textOf(path.join(root, ".dockerignore")), hardened("Dockerfile", ".dockerignore"));
        const messages = seen.messages.length;
        await run("hardenFile");
        assert.deepStrictEqual(seen.messages.slice(messages), ["information: ironhull: nothing to harden here"]);
        await run("showDiff");
        assert.strictEqual(seen.messages.length, messages + 2);
    },
    async "hardenWorkspace has each change confirmed"() {
        const root = prepare();
        // two that need the same .dockerignore
        fs.copyFileSync(path.join(root, "Dockerfile"), path.join(root, "Dockerfile.web"));
        const expected = new Map(["Dockerfile", "Dockerfile.web", "compose.yaml", "pod.yaml"].map((name) => [name, hardened(name)]));
        expected.set(".dockerignore", hardened("Dockerfile", ".dockerignore"));
        await run("hardenWorkspace");
        const { entries, metadata } = seen.applied.at(-1);
        assert.deepStrictEqual(metadata, { isRefactoring: true });
        assert(entries.length >= expected.size && entries.every((entry) => entry.metadata?.needsConfirmation));
        assert.deepStrictEqual(entries.filter(({ to }) => to).map(({ to }) => to.fsPath), [path.join(root, ".dockerignore")]);
        for (const [name, text] of expected) assert.strictEqual(textOf(path.join(root, name)), text, name);
        assert.strictEqual(textOf(path.join(root, "node_modules/other/Dockerfile")), undefined);
    },
    async "saving rewrites once it is asked for"() {
        const root = prepare();
        const document = await show(path.join(root, "Dockerfile"));
        const before = document.getText();
        await document.save();
        assert.strictEqual(read(root, "Dockerfile"), before);
        const expected = filtered(root, "Dockerfile");
        await set("ironhull.fixOnSave", true);
        // the server asks for its settings once it hears of a change
        for (let i = 0; i < 100 && read(root, "Dockerfile") === before; i++) {
            await new Promise((resolve) => setTimeout(resolve, 25));
            await document.save();
        }
        assert.strictEqual(read(root, "Dockerfile"), expected);
        assert.notStrictEqual(expected, before);
        assert(!fs.existsSync(path.join(root, ".dockerignore")));
        await set("ironhull.fixOnSave", false);
    },
    async "restart, and no server is left"() {
        const servers = () => read("/proc/self/task", process.pid.toString(), "children").trim().split(" ").filter(Boolean).length;
        assert.strictEqual(servers(), 1);
        await run("restart");
        await until(() => servers() === 1, "one server");
        await until(() => item().isShown && item().text.startsWith("$(shield)"), "a server that runs");
        await extension.deactivate();
        await until(() => servers() === 0, "no server");
    },
};

check(tests, 30);
