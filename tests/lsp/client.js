// Drives `ironhull lsp` with the client side of vscode-jsonrpc and vscode-languageserver-protocol, whose positions,
// edits and framing are not ours. Every request is asked; then, for every golden case, what the editor makes of each
// file must be what the command line makes of it, each quick fix must parse and take its finding away, and each
// comment must silence its finding. Ends with a line `N passed, N failed`.
//
//     node client.js IRONHULL GOLDEN-FOLDER
"use strict";
const assert = require("assert");
const { execFileSync, spawn, spawnSync } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const check = require("../checks");
const { pathToFileURL, fileURLToPath } = require("url");
const lsp = require("vscode-languageserver-protocol/node");
const { TextDocument } = require("vscode-languageserver-types");

const [program, golden] = process.argv.slice(2).map((name) => path.resolve(name));
const uriOf = (file) => pathToFileURL(file).href;
const everything = lsp.Range.create(0, 0, 100000, 0);

class Client {
    constructor() {
        this.process = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
        this.connection = lsp.createProtocolConnection(
            new lsp.StreamMessageReader(this.process.stdout),
            new lsp.StreamMessageWriter(this.process.stdin),
        );
        this.published = new Map();
        this.waiting = [];
        this.asked = [];
        this.settings = {};
        this.connection.onNotification(lsp.PublishDiagnosticsNotification.type, (params) => {
            this.published.set(params.uri, params);
            this.waiting = this.waiting.filter((wake) => !wake());
        });
        this.connection.onRequest((method, params) => {
            this.asked.push([method, params]);
            return method === "workspace/configuration" ? [this.settings] : null;
        });
        this.connection.listen();
    }
    async start(capabilities, options = {}) {
        const answer = await this.connection.sendRequest(lsp.InitializeRequest.type, {
            processId: process.pid,
            rootUri: null,
            workspaceFolders: [],
            capabilities,
            ...options,
        });
        this.notify(lsp.InitializedNotification.type, {});
        return answer;
    }
    async stop() {
        assert.strictEqual(await this.connection.sendRequest(lsp.ShutdownRequest.type), null);
        const ended = new Promise((resolve) => this.process.on("exit", resolve));
        this.notify(lsp.ExitNotification.type);
        assert.strictEqual(await ended, 0);
    }
    ask(type, params, token) {
        return this.connection.sendRequest(type, params, token);
    }
    notify(type, params) {
        this.connection.sendNotification(type, params);
    }
    open(file, text = fs.readFileSync(file, "utf8"), languageId = "") {
        this.notify(lsp.DidOpenTextDocumentNotification.type, {
            textDocument: { uri: uriOf(file), languageId, version: 1, text },
        });
        return TextDocument.create(uriOf(file), languageId, 1, text);
    }
    change(document, text) {
        this.notify(lsp.DidChangeTextDocumentNotification.type, {
            textDocument: { uri: document.uri, version: document.version + 1 },
            contentChanges: [{ text }],
        });
        return TextDocument.create(document.uri, document.languageId, document.version + 1, text);
    }
    close(document) {
        this.notify(lsp.DidCloseTextDocumentNotification.type, { textDocument: { uri: document.uri } });
    }
    folders(added, removed) {
        this.notify(lsp.DidChangeWorkspaceFoldersNotification.type, {
            event: {
                added: added.map((folder) => ({ uri: uriOf(folder), name: folder })),
                removed: removed.map((folder) => ({ uri: uriOf(folder), name: folder })),
            },
        });
    }
    actions(document, only, range = everything) {
        return this.ask(lsp.CodeActionRequest.type, {
            textDocument: { uri: document.uri },
            range,
            context: { diagnostics: [], only },
        });
    }
    async pull(document) {
        const report = await this.ask(lsp.DocumentDiagnosticRequest.type, { textDocument: { uri: document.uri } });
        return report.items;
    }
    diagnostics(document) {
        return new Promise((resolve) => {
            const wake = () => {
                const params = this.published.get(document.uri);
                const isThere = params && params.version === document.version;
                if (isThere) resolve(params.diagnostics);
                return isThere;
            };
            if (!wake()) this.waiting.push(wake);
        });
    }
}

const editing = { workspaceEdit: { documentChanges: true, resourceOperations: ["create"] } };
const pulling = { workspace: editing, textDocument: { diagnostic: {} } };

// Applies an edit to files on disk.
function applyToDisk(edit) {
    for (const change of edit.documentChanges) {
        const file = fileURLToPath(change.uri || change.textDocument.uri);
        if (change.kind === "create") {
            fs.mkdirSync(path.dirname(file), { recursive: true });
            fs.writeFileSync(file, "", { flag: "a" });
            continue;
        }
        const document = TextDocument.create(change.textDocument.uri, "", 0, fs.readFileSync(file, "utf8"));
        fs.writeFileSync(file, TextDocument.applyEdits(document, change.edits));
    }
}

// The text of a document after the part of an edit that is about it.
function applied(document, edit) {
    const own = edit.documentChanges.filter((change) => change.textDocument?.uri === document.uri);
    return own.reduce((text, change) => {
        return TextDocument.applyEdits(TextDocument.create(document.uri, "", 0, text), change.edits);
    }, document.getText());
}

function filesBelow(folder) {
    return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(folder, entry.name);
        return entry.isDirectory() ? filesBelow(file) : entry.isFile() ? [file] : [];
    });
}

function stateOf(folder) {
    return Object.fromEntries(filesBelow(folder).map((file) => [path.relative(folder, file), fs.readFileSync(file, "latin1")]));
}

function scratch(from) {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "ironhull-lsp-")));
    if (from) fs.cpSync(from, folder, { recursive: true });
    return folder;
}

// --- every request --------------------------------------------------------------------------------------------------

const tests = {
    async "push: versions, one edit at a time, close"() {
        const folder = scratch();
        fs.writeFileSync(path.join(folder, "Dockerfile"), "FROM scratch\n");
        const client = new Client();
        const { capabilities, serverInfo } = await client.start({ workspace: editing }, { rootUri: uriOf(folder) });
        assert.strictEqual(serverInfo.name, "ironhull");
        assert.strictEqual(capabilities.documentFormattingProvider, undefined);
        assert.strictEqual(capabilities.textDocumentSync.change, lsp.TextDocumentSyncKind.Incremental);
        let document = client.open(path.join(folder, "Dockerfile"), "FROM node:20\nCMD [\"node\", \"\u{1f418}.js\"]\n");
        assert.deepStrictEqual((await client.diagnostics(document)).map((item) => item.code), ["non-root-user", "init-process"]);
        // the elephant goes, and a line comes
        const changes = [
            { range: lsp.Range.create(1, 14, 1, 16), text: "server" },
            { range: lsp.Range.create(1, 0, 1, 0), text: "USER node\n" },
        ];
        client.notify(lsp.DidChangeTextDocumentNotification.type, {
            textDocument: { uri: document.uri, version: 2 },
            contentChanges: changes,
        });
        let text = document.getText();
        for (const change of changes)
            text = TextDocument.applyEdits(TextDocument.create("", "", 0, text), [{ range: change.range, newText: change.text }]);
        document = TextDocument.create(document.uri, "", 2, text);
        assert.strictEqual(text, "FROM node:20\nUSER node\nCMD [\"node\", \"server.js\"]\n");
        const [init] = (await client.diagnostics(document)).filter((item) => item.code === "init-process");
        assert.deepStrictEqual(init.range, lsp.Range.create(2, 0, 2, 3));
        client.close(document);
        await client.ask(lsp.HoverRequest.type, { textDocument: { uri: document.uri }, position: lsp.Position.create(0, 0) });
        assert.deepStrictEqual(client.published.get(document.uri).diagnostics, []);
        await client.stop();
    },

    async "hover says what, why, what may break and the sources"() {
        const client = new Client();
        await client.start(pulling);
        const document = client.open("/nowhere/Dockerfile", "FROM node:20\nCMD [\"node\"]\n");
        const ask = (line, character) =>
            client.ask(lsp.HoverRequest.type, { textDocument: { uri: document.uri }, position: { line, character } });
        const { contents } = await ask(1, 1);
        assert.strictEqual(contents.kind, lsp.MarkupKind.Markdown);
        for (const part of ["non-root-user", "Why:", "What may break:", "Sources:", "https://"])
            assert(contents.value.includes(part), part);
        assert.strictEqual(await ask(0, 50), null);
        await client.stop();
    },

    async "pull: unchanged reports, the workspace, cancellation, refresh"() {
        const folder = scratch();
        fs.writeFileSync(path.join(folder, "Dockerfile"), "FROM node:20\nCMD [\"node\"]\n");
        fs.writeFileSync(path.join(folder, "compose.yaml"), "services:\n  app:\n    build: .\n");
        const client = new Client();
        const workspace = { ...editing, diagnostics: { refreshSupport: true }, didChangeWatchedFiles: { dynamicRegistration: true } };
        await client.start({ ...pulling, workspace }, { workspaceFolders: [{ uri: uriOf(folder), name: "x" }] });
        const document = client.open(path.join(folder, "Dockerfile"));
        const params = { textDocument: { uri: document.uri } };
        const first = await client.ask(lsp.DocumentDiagnosticRequest.type, params);
        assert.strictEqual(first.kind, "full");
        const second = await client.ask(lsp.DocumentDiagnosticRequest.type, { ...params, previousResultId: first.resultId });
        assert.deepStrictEqual(second, { kind: "unchanged", resultId: first.resultId });
        const all = await client.ask(lsp.WorkspaceDiagnosticRequest.type, { previousResultIds: [] });
        assert.deepStrictEqual(all.items.map((item) => [path.basename(item.uri), item.kind, item.version]),
            [["Dockerfile", "full", 1], ["compose.yaml", "full", null]]);
        const previousResultIds = all.items.map((item) => ({ uri: item.uri, value: item.resultId }));
        const cancel = new lsp.CancellationTokenSource();
        const held = client.ask(lsp.WorkspaceDiagnosticRequest.type, { previousResultIds }, cancel.token);
        await client.pull(document);
        cancel.cancel();
        await assert.rejects(held, { code: lsp.LSPErrorCodes.RequestCancelled });
        const later = client.ask(lsp.WorkspaceDiagnosticRequest.type, { previousResultIds });
        fs.writeFileSync(path.join(folder, "compose.yaml"), "services:\n  app:\n    image: redis\n");
        client.notify(lsp.DidChangeWatchedFilesNotification.type, {
            changes: [{ uri: uriOf(path.join(folder, "compose.yaml")), type: lsp.FileChangeType.Changed }],
        });
        assert.deepStrictEqual((await later).items.map((item) => item.kind), ["unchanged", "full"]);
        const methods = client.asked.map(([method]) => method);
        assert(methods.includes("client/registerCapability") && methods.includes("workspace/diagnostic/refresh"), methods.join());
        await client.stop();
    },

    async "cancels what waits"() {
        const client = new Client();
        await client.start(pulling);
        const document = client.open("/nowhere/compose.yaml", "services:\n" +
            Array.from({ length: 400 }, (_, i) => `  s${i}:\n    image: redis:7\n`).join(""));
        const busy = client.pull(document);
        const token = new lsp.CancellationTokenSource();
        const waits = client.ask(lsp.CodeActionRequest.type,
            { textDocument: { uri: document.uri }, range: everything, context: { diagnostics: [] } }, token.token);
        token.cancel();
        await assert.rejects(waits, { code: lsp.LSPErrorCodes.RequestCancelled });
        assert((await busy).length > 400);
        await client.stop();
    },

    async "settings and rewriting on save"() {
        const folder = scratch(), file = path.join(folder, "Dockerfile");
        const client = new Client();
        client.settings = { fixOnSave: true, uid: 4321, user: "shop" };
        fs.writeFileSync(file, "FROM debian:12\nCOPY a /srv/a\nCMD [\"/srv/a\"]\n");
        await client.start({ workspace: { ...editing, configuration: true } }, { rootUri: uriOf(folder) });
        const document = client.open(file, fs.readFileSync(file, "utf8"));
        let diagnostics = [];
        while (!diagnostics.some((item) => item.message.includes("4321"))) {
            client.published.clear();
            diagnostics = await client.diagnostics(document);
        }
        const save = (reason) => client.ask(lsp.WillSaveTextDocumentWaitUntilRequest.type, { textDocument: { uri: document.uri }, reason });
        const edits = await save(lsp.TextDocumentSaveReason.Manual);
        assert.strictEqual(TextDocument.applyEdits(document, edits),
            execFileSync(program, ["-", "--stdin-filename=Dockerfile", "--uid=4321", "--user=shop"],
                { cwd: folder, input: document.getText(), encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] }));
        assert.strictEqual(await save(lsp.TextDocumentSaveReason.AfterDelay), null);
        client.settings = { fixOnSave: false };
        client.notify(lsp.DidChangeConfigurationNotification.type, { settings: null });
        client.published.clear();
        await client.diagnostics(document);
        assert.strictEqual(await save(lsp.TextDocumentSaveReason.Manual), null);
        await client.stop();
    },

    async "unknown requests"() {
        const client = new Client();
        await assert.rejects(client.ask("textDocument/hover", {}), { code: lsp.ErrorCodes.ServerNotInitialized });
        await client.start({});
        await assert.rejects(client.ask("textDocument/formatting", {}), { code: lsp.ErrorCodes.MethodNotFound });
        await client.stop();
    },
};

// --- every golden case ----------------------------------------------------------------------------------------------

const goldenCases = ["dockerfile", "compose", "kubernetes"].flatMap((format) =>
    fs.readdirSync(path.join(golden, format)).flatMap((rule) =>
        fs.readdirSync(path.join(golden, format, rule)).map((name) => path.join(golden, format, rule, name)),
    ),
).filter((folder) => fs.existsSync(path.join(folder, "in")) && !fs.existsSync(path.join(folder, "options")));

const said = (diagnostics) => diagnostics.map((item) => `${item.code}: ${item.message}`).sort();

async function checkFile(client, folder, file, counts) {
    const text = fs.readFileSync(file);
    if (!Buffer.from(text.toString("utf8")).equals(text)) return;
    const document = client.open(file);
    const diagnostics = await client.pull(document);
    const [all] = await client.actions(document, ["source.fixAll.ironhull"]);
    const quick = await client.actions(document, ["quickfix"]);
    client.close(document);
    const byEditor = scratch(folder), byProgram = scratch(folder), name = path.relative(folder, file);
    const moved = (edit) => JSON.parse(JSON.stringify(edit).replaceAll(uriOf(folder), uriOf(byEditor)));
    if (all) applyToDisk(moved(all.edit));
    spawnSync(program, ["-w", name], { cwd: byProgram, stdio: "ignore" });
    // of a file that is named the command line sees the folder that it is in, and the server its workspace
    if (filesBelow(folder).every((other) => path.dirname(other) === folder)) assert.deepStrictEqual(stateOf(byEditor), stateOf(byProgram), `${file}: fixAll`);
    counts.files++;
    fs.rmSync(byEditor, { recursive: true });
    fs.rmSync(byProgram, { recursive: true });
    for (const action of quick) {
        const [finding] = action.diagnostics;
        if (action.edit.documentChanges.length > 1) continue; // it needs a file that is not on disk then
        const before = client.open(file);
        const changed = client.change(before, applied(before, action.edit));
        const after = await client.pull(changed);
        client.close(changed);
        assert(!after.some((item) => item.severity === 1), `${file}: ${action.title}: ${said(after)}`);
        const same = (list) => list.filter((item) => item.code === finding.code && item.message === finding.message).length;
        if (action.title.startsWith("Ignore")) {
            counts.comments++;
            // what other rules find may rest on the fix that is not made any more: only comments that do not hold count
            const misuses = (list) => said(list.filter((item) => item.code === "suppression"));
            assert.deepStrictEqual(misuses(after), misuses(diagnostics), `${file}: ${action.title}`);
            // who shares the text by an alias may say the same, at a place of its own
            const { line, character } = finding.range.start, isAbove = action.edit.documentChanges[0].edits[0].range.start.line <= line;
            const isSame = (item) => item.code === finding.code && item.message === finding.message &&
                item.range.start.line === line + isAbove && item.range.start.character === character;
            assert(!after.some(isSame), `${file}: ${action.title} leaves ${finding.message}`);
        } else {
            counts.fixes++;
            assert(same(after) < same(diagnostics), `${file}: ${action.title} leaves ${finding.message}`);
        }
    }
}

tests["every golden case"] = async () => {
    const counts = { files: 0, fixes: 0, comments: 0 }, failures = [];
    const client = new Client();
    await client.start(pulling);
    for (const golden of goldenCases) {
        const folder = scratch(path.join(golden, "in"));
        client.folders([folder], []);
        for (const file of filesBelow(folder))
            await checkFile(client, folder, file, counts).catch((error) => failures.push(`${path.basename(golden)}: ${error.message}`));
        client.folders([], [folder]);
        fs.rmSync(folder, { recursive: true });
    }
    await client.stop();
    console.log(`${counts.files} files as the command line makes them, ${counts.fixes} quick fixes, ${counts.comments} comments`);
    assert(counts.files > 300 && counts.fixes > 300 && counts.comments > 300, JSON.stringify(counts));
    assert(!failures.length, failures.join("\n"));
};

check(tests, 600);
