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
        this.shown = [];
        this.connection.onNotification(lsp.PublishDiagnosticsNotification.type, (params) => {
            this.published.set(params.uri, params);
            this.waiting = this.waiting.filter((wake) => !wake());
        });
        this.connection.onNotification(lsp.ShowMessageNotification.type, (params) => this.shown.push(params.message));
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
    // The actions as they are once they are chosen.
    async chosen(actions) {
        const list = await Promise.all(actions.map((action) => action.edit ? action : this.ask(lsp.CodeActionResolveRequest.type, action)));
        return list.map(({ data, ...action }) => action);
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
const resolving = { workspace: editing, textDocument: { diagnostic: {}, codeAction: { dataSupport: true, resolveSupport: { properties: ["edit"] } } } };

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

const said = (diagnostics) => diagnostics.map((item) => `${item.code}: ${item.message}`).sort();

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
        const plain = new Client();
        await plain.start({ textDocument: { hover: { contentFormat: ["plaintext"] } } });
        plain.open("/nowhere/Dockerfile", "FROM node:20\nCMD [\"node\"]\n");
        const hover = await plain.ask(lsp.HoverRequest.type, { textDocument: { uri: document.uri }, position: lsp.Position.create(1, 1) });
        assert.strictEqual(hover.contents.kind, lsp.MarkupKind.PlainText);
        assert(hover.contents.value.includes("\n\nWhy: ") && !/[*\\<]/.test(hover.contents.value), hover.contents.value);
        await plain.stop();
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

    async "workspace: one by one, what is gone, a .dockerignore, a setting that changes"() {
        const folder = scratch(path.join(golden, "lsp/dockerignore/in")), messages = [];
        fs.writeFileSync(path.join(folder, "old.Dockerfile"), "FROM node:20\nCMD [\"node\"]\n");
        const client = new Client(), workspace = { ...editing, diagnostics: { refreshSupport: true } };
        await client.start({ ...pulling, workspace }, { workspaceFolders: [{ uri: uriOf(folder), name: "x" }] });
        const token = "reports", parts = [];
        client.connection.onProgress(new lsp.ProgressType(), token, (value) => parts.push(...value.items));
        const survey = (previousResultIds, partialResultToken) =>
            client.ask(lsp.WorkspaceDiagnosticRequest.type, { previousResultIds, partialResultToken });
        const { items } = await survey([]);
        assert.deepStrictEqual(items.map((item) => path.basename(item.uri)), [".dockerignore", "Dockerfile", "old.Dockerfile"]);
        assert.deepStrictEqual(items[0].items.map((item) => item.code), ["builder-stage"]);
        assert.deepStrictEqual(await survey([], token), { items: [] });
        assert.deepStrictEqual(parts, items);
        fs.rmSync(path.join(folder, "old.Dockerfile"));
        client.notify(lsp.DidDeleteFilesNotification.type, { files: [{ uri: items[2].uri }] });
        const later = await survey(items.map((item) => ({ uri: item.uri.replace("file:///", "file://localhost/"), value: item.resultId })));
        assert.deepStrictEqual(later.items.map((item) => [item.uri, item.kind, item.items?.length]),
            [[items[0].uri, "unchanged", undefined], [items[1].uri, "unchanged", undefined], [items[2].uri.replace("file:///", "file://localhost/"), "full", 0]]);
        client.asked = [];
        client.notify(lsp.DidChangeConfigurationNotification.type, { settings: { ironhull: { select: ["init-process"] } } });
        const selected = await survey([]);
        assert.deepStrictEqual(selected.items.map((item) => item.items.map((one) => one.code)), [[], ["init-process"]]);
        assert.deepStrictEqual(client.asked.map(([method]) => method), ["workspace/diagnostic/refresh"]);
        fs.mkdirSync(path.join(folder, "inner"));
        fs.writeFileSync(path.join(folder, "inner/Dockerfile"), "FROM scratch\n");
        client.folders([folder, path.join(folder, "inner")], []); // each file is one folder's
        assert.deepStrictEqual((await survey([])).items.map((item) => path.relative(uriOf(folder), item.uri)).sort(),
            [".dockerignore", "Dockerfile", "inner/Dockerfile"]);
        client.folders([], [folder, path.join(folder, "inner")]);
        assert.deepStrictEqual((await survey([{ uri: items[1].uri, value: items[1].resultId }])).items,
            [{ kind: "full", items: [], uri: items[1].uri, version: null }]);
        await client.stop();
    },

    async "files that others depend on: .env, .gitignore, .ironhull.yaml, a script"() {
        const folder = scratch(), put = (name, text) => fs.writeFileSync(path.join(folder, name), text, { mode: 0o755 });
        put("compose.yaml", "services:\n  db:\n    image: ${IMAGE}\n  app:\n    build: .\n");
        put("Dockerfile", "FROM debian:12\nCOPY start.sh /start.sh\nCMD [\"/start.sh\"]\n");
        put("start.sh", "#!/bin/sh\nexec sleep inf\n");
        put("other.Dockerfile", "FROM scratch\n");
        put(".env", "IMAGE=postgres:16\n");
        const client = new Client();
        await client.start(pulling, { workspaceFolders: [{ uri: uriOf(folder), name: "x" }] });
        const compose = client.open(path.join(folder, "compose.yaml")), dockerfile = client.open(path.join(folder, "Dockerfile"));
        const change = async (name, text, document = compose) => {
            const before = said(await client.pull(document));
            put(name, text);
            client.notify(lsp.DidChangeWatchedFilesNotification.type, { changes: [{ uri: uriOf(path.join(folder, name)), type: 2 }] });
            const after = said(await client.pull(document));
            assert.notDeepStrictEqual(after, before, name);
            return after.join("\n");
        };
        assert.match(await change(".env", "IMAGE=example.com/own:1\n"), /db/);
        assert.match(await change("start.sh", "#!/bin/sh\nexec gosu app sleep inf\n", dockerfile), /gosu/);
        assert.match(await change(".ironhull.yaml", "rules:\n  init-process: off\n", dockerfile), /^non-root-user:[^\n]*$/);
        const { items } = await client.ask(lsp.WorkspaceDiagnosticRequest.type, { previousResultIds: [] });
        assert(items.some((item) => item.uri.endsWith("/other.Dockerfile")));
        put(".gitignore", "other.Dockerfile\n");
        client.notify(lsp.DidChangeWatchedFilesNotification.type, { changes: [{ uri: uriOf(path.join(folder, ".gitignore")), type: 1 }] });
        await new Promise((resolve) => setTimeout(resolve, 500)); // what belongs together is found out while it is quiet
        const later = await client.ask(lsp.WorkspaceDiagnosticRequest.type, { previousResultIds: [] });
        assert(!later.items.some((item) => item.uri.endsWith("/other.Dockerfile")));
        await client.stop();
    },

    // Whatever is edited, the server has the text that the client has: what it says of it is what it says of the whole.
    async "incremental edits of any kind"() {
        const pieces = ["FROM node:20\n", "CMD [\"node\"]\n", "\u{1f418}", "\ud83d", "\udc18", "\r\n", "\r", "\n", "\t", "é", "\ufeff", "# \u4e2d\n", "x"];
        let seed = 1;
        const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
        const client = new Client();
        await client.start(pulling);
        let text = "\ufeffFROM node:20\n# \u{1f418}\u{1f418} é\r\nWORKDIR /app\nCMD [\"node\", \"\u{1f418}.js\"]\n", edited = client.open("/nowhere/Dockerfile", text);
        for (let version = 2; version < 400; version++) {
            const contentChanges = [];
            for (let n = random(4); n >= 0; n--) {
                const document = TextDocument.create("", "", 0, text), lines = text.split(/\r\n|\r|\n/);
                const place = () => lsp.Position.create(random(lines.length + 1), random(16) ? random(24) : 100000);
                const offset = ({ line, character }) =>
                    document.offsetAt(lsp.Position.create(line, Math.min(character, lines[line]?.length ?? 0)));
                const range = random(40) ? { start: place(), end: place() } : undefined, piece = random(3) ? pieces[random(pieces.length)] : "";
                contentChanges.push(range ? { range, text: piece } : { text: text + piece });
                const [from, to] = range ? [offset(range.start), offset(range.end)].sort((a, b) => a - b) : [text.length, text.length];
                text = text.slice(0, from) + piece + text.slice(to);
            }
            client.notify(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri: edited.uri, version }, contentChanges });
            const whole = client.open("/nowhere/other/Dockerfile", text);
            const plain = (value) => JSON.stringify(value).replaceAll(whole.uri, edited.uri).replaceAll("\u{1f418}", "\ufffd\ufffd").replace(/"(data|resultId)":"[^"]*"|"version":\d+/g, "");
            assert.strictEqual(plain(await client.pull(edited)), plain(await client.pull(whole)), JSON.stringify(contentChanges));
            assert.strictEqual(plain(await client.actions(edited)), plain(await client.actions(whole)), JSON.stringify(contentChanges));
            client.close(whole);
        }
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

const casesOf = (folder) => fs.readdirSync(folder).map((name) => path.join(folder, name));
const goldenCases = ["dockerfile", "compose", "kubernetes"].flatMap((format) => casesOf(path.join(golden, format)).flatMap(casesOf))
    .concat(casesOf(path.join(golden, "project")))
    .filter((folder) => fs.existsSync(path.join(folder, "in")));

// The options of a case, and the same as settings; undefined where there are none like them.
function optionsOf(folder) {
    const file = path.join(folder, "options");
    const list = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
    const settings = Object.fromEntries(list.map((option) => {
        const [, name, value] = /^--([a-z-]+)=?(.*)$/.exec(option);
        return [name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()), value || true];
    }));
    return settings.include || settings.exclude ? {} : { list, settings };
}

// A client that has edits made when they are chosen gets the same; none is refused.
async function checkChosen(client, document, all, quick, counts) {
    client.shown = [];
    const offered = await client.actions(document);
    assert(offered.every((action) => action.edit || action.data));
    const made = await client.chosen(offered);
    assert.deepStrictEqual(made, [...quick, ...(all ? [all] : [])]);
    assert.deepStrictEqual(client.shown, []);
    counts.chosen += made.length;
}

async function checkFile(client, later, folder, file, options, counts) {
    const text = fs.readFileSync(file);
    if (!Buffer.from(text.toString("utf8")).equals(text)) return;
    const document = client.open(file);
    const diagnostics = await client.pull(document);
    const [all] = await client.actions(document, ["source.fixAll.ironhull"]);
    const quick = await client.actions(document, ["quickfix"]);
    later.open(file);
    await checkChosen(later, document, all, quick, counts);
    later.close(document);
    client.close(document);
    const byEditor = scratch(folder), byProgram = scratch(folder), name = path.relative(folder, file);
    const moved = (edit) => JSON.parse(JSON.stringify(edit).replaceAll(uriOf(folder), uriOf(byEditor)));
    if (all) applyToDisk(moved(all.edit));
    spawnSync(program, ["-w", "--project=.", ...options, name], { cwd: byProgram, stdio: "ignore" });
    assert.deepStrictEqual(stateOf(byEditor), stateOf(byProgram), `${file}: fixAll`);
    counts.files++;
    fs.rmSync(byEditor, { recursive: true });
    fs.rmSync(byProgram, { recursive: true });
    if (options.length) return;
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
    const counts = { files: 0, fixes: 0, comments: 0, chosen: 0 }, failures = [];
    const client = new Client(), later = new Client(), both = [client, later];
    await client.start(pulling);
    await later.start(resolving);
    for (const golden of goldenCases) {
        const { list, settings } = optionsOf(golden);
        if (!list) continue;
        const folder = scratch(path.join(golden, "in"));
        for (const one of both) {
            one.notify(lsp.DidChangeConfigurationNotification.type, { settings: { ironhull: settings } });
            one.folders([folder], []);
        }
        for (const file of filesBelow(folder))
            await checkFile(client, later, folder, file, list, counts).catch((error) => failures.push(`${path.basename(golden)}: ${error.message}`));
        for (const one of both) one.folders([], [folder]);
        fs.rmSync(folder, { recursive: true });
    }
    for (const one of both) await one.stop();
    console.log(`${counts.files} files as the command line makes them, ${counts.fixes} quick fixes, ${counts.comments} comments, ${counts.chosen} chosen`);
    assert(counts.files > 300 && counts.fixes > 300 && counts.comments > 300 && counts.chosen > 300, JSON.stringify(counts));
    assert(!failures.length, failures.join("\n"));
};

check(tests, 600);
