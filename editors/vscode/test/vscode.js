// Stands in for VS Code where there is none: its data types are those of jest-mock-vscode, which come from its source;
// documents, events, settings, commands and saving are as much of it as the extension and vscode-languageclient use.
"use strict";
const fs = require("fs");
const path = require("path");
const { createVSCodeMock } = require("jest-mock-vscode");
const { MockTextDocument } = require("jest-mock-vscode/dist/vscode/TextDocument");

const vscode = createVSCodeMock({ fn: (implementation) => implementation ?? (() => undefined) });
const { Disposable, EventEmitter, Range, Uri } = vscode;
Object.assign(vscode, {
    env: { appName: "none", language: "en" },
    CancellationError: class extends Error {},
    CancellationTokenSource: require("vscode-jsonrpc").CancellationTokenSource,
    InlayHint: class {},
    RelativePattern: class {},
    TabInputCustom: class {},
    TabInputText: class {
        constructor(uri) {
            this.uri = uri;
        }
    },
    TabInputTextDiff: class {},
});

// What the tests look at, and set.
const seen = { messages: [], executed: [], items: [], applied: [], settings: {}, root: "", created: new Set() };

const emitters = {};
function events(object, ...names) {
    for (const name of names) {
        emitters[name] = new EventEmitter();
        object[name] = emitters[name].event;
    }
}
const fire = (name, event) => emitters[name].fire(event);

/* --- documents --- */

const languageOf = (file) =>
    /(^|\.)dockerfile|containerfile/i.test(path.basename(file)) ? "dockerfile" : /\.ya?ml$/.test(file) ? "yaml" : "plaintext";

class Document extends MockTextDocument {
    constructor(uri) {
        super(uri, fs.existsSync(uri.fsPath) ? fs.readFileSync(uri.fsPath, "utf8") : "", languageOf(uri.fsPath));
    }
    edit(edits) {
        const contentChanges = [...edits]
            .sort((a, b) => b.range.start.compareTo(a.range.start))
            .map(({ range, newText }) => {
                const [from, to] = [this.offsetAt(range.start), this.offsetAt(range.end)];
                this._contents = this._contents.slice(0, from) + newText + this._contents.slice(to);
                return { range, rangeOffset: from, rangeLength: to - from, text: newText };
            });
        this._lines = [];
        this.init();
        this.version++;
        fire("onDidChangeTextDocument", { document: this, contentChanges, reason: undefined });
    }
    // Takes what those who wait for it want to change first, as VS Code does.
    async save() {
        const waits = [];
        fire("onWillSaveTextDocument", { document: this, reason: 1, waitUntil: (promise) => waits.push(promise) });
        for (const edits of await Promise.all(waits)) if (edits?.length) this.edit(edits);
        fs.writeFileSync(this.uri.fsPath, this.getText());
        fire("onDidSaveTextDocument", this);
    }
}

const documents = new Map();
async function openTextDocument(name) {
    const uri = typeof name === "string" ? Uri.file(name) : name;
    if (!documents.has(uri.toString())) {
        if (!fs.existsSync(uri.fsPath) && !seen.created.has(uri.fsPath)) throw new Error(`no such file: ${uri.fsPath}`);
        documents.set(uri.toString(), new Document(uri));
        fire("onDidOpenTextDocument", documents.get(uri.toString()));
    }
    return documents.get(uri.toString());
}

async function applyEdit(edit, metadata) {
    seen.applied.push({ entries: edit._allEntries(), metadata });
    for (const { to } of edit._allEntries()) if (to) seen.created.add(to.fsPath);
    for (const [uri, edits] of edit.entries()) (await openTextDocument(uri)).edit(edits);
    return true;
}

/* --- files --- */

function* walk(folder) {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory()) yield* walk(path.join(folder, entry.name));
        else yield path.join(folder, entry.name);
}

// VS Code's globs with what minimatch has: the same for what is used here.
async function findFiles(include, exclude) {
    const minimatch = require("minimatch");
    return [...walk(seen.root)]
        .map((file) => path.relative(seen.root, file))
        .filter((file) => minimatch(file, include, { dot: true }) && !minimatch(file, exclude, { dot: true }))
        .map((file) => Uri.file(path.join(seen.root, file)));
}

/* --- the parts of VS Code --- */

const configuration = (section) => ({
    get: (key, otherwise) => (section ? seen.settings[`${section}.${key}`] : all()[key]) ?? otherwise,
    has: (key) => `${section}.${key}` in seen.settings,
    inspect: () => undefined,
});
function all() {
    const tree = {};
    for (const [name, value] of Object.entries(seen.settings)) {
        const [section, key] = name.split(".");
        (tree[section] ??= {})[key] = value;
    }
    return tree;
}

events(vscode.workspace, "onDidOpenTextDocument", "onDidCloseTextDocument", "onDidChangeTextDocument", "onWillSaveTextDocument");
events(vscode.workspace, "onDidSaveTextDocument", "onDidChangeConfiguration", "onDidChangeWorkspaceFolders");
for (const kind of ["Create", "Rename", "Delete"]) events(vscode.workspace, `onDid${kind}Files`, `onWill${kind}Files`);
events(vscode.workspace, "onDidOpenNotebookDocument", "onDidCloseNotebookDocument", "onDidChangeNotebookDocument");
const watcher = () => ({ onDidCreate: () => new Disposable(() => 0), onDidChange: () => new Disposable(() => 0), onDidDelete: () => new Disposable(() => 0), dispose() {} });
Object.defineProperty(vscode.workspace, "textDocuments", { get: () => [...documents.values()] });
Object.defineProperty(vscode.workspace, "fs", { value: { stat: async (uri) => fs.promises.stat(uri.fsPath) } });
Object.assign(vscode.workspace, {
    applyEdit,
    asRelativePath: (uri) => path.relative(seen.root, uri.fsPath),
    createFileSystemWatcher: watcher,
    findFiles,
    getConfiguration: configuration,
    openTextDocument,
    registerTextDocumentContentProvider: (scheme, provider) => ((seen.provider = { scheme, provider }), new Disposable(() => 0)),
});

const say = (kind) => async (text) => void seen.messages.push(`${kind}: ${text}`);
const channel = () => ({ append() {}, appendLine() {}, clear() {}, show() {}, hide() {}, replace() {}, dispose() {} });
events(vscode.window, "onDidChangeActiveTextEditor", "onDidChangeVisibleTextEditors", "onDidChangeTabs");
Object.assign(vscode.window, {
    createOutputChannel: channel,
    createStatusBarItem: () => {
        const item = { isShown: false, show: () => (item.isShown = true), hide: () => (item.isShown = false), dispose() {} };
        seen.items.push(item);
        return item;
    },
    showErrorMessage: say("error"),
    showWarningMessage: say("warning"),
    showInformationMessage: say("information"),
    tabGroups: { all: [], onDidChangeTabs: vscode.window.onDidChangeTabs, onDidChangeTabGroups: vscode.window.onDidChangeTabs },
    withProgress: async (_, task) => task({ report() {} }, { isCancellationRequested: false }),
});

const commands = new Map();
Object.assign(vscode.commands, {
    registerCommand: (name, run) => (commands.set(name, run), new Disposable(() => commands.delete(name))),
    executeCommand: async (name, ...parameters) => {
        seen.executed.push([name, ...parameters]);
        return commands.get(name)?.(...parameters);
    },
    getCommands: async () => [...commands.keys()],
});

// What the server publishes, or what is pulled from it.
const collections = [];
function createDiagnosticCollection(name) {
    const of = new Map();
    const changed = (uri) => fire("onDidChangeDiagnostics", { uris: [uri] });
    const collection = {
        name,
        set: (uri, found) => (of.set(uri.toString(), found ?? []), changed(uri)),
        delete: (uri) => (of.delete(uri.toString()), changed(uri)),
        get: (uri) => of.get(uri.toString()),
        has: (uri) => of.has(uri.toString()),
        clear: () => of.clear(),
        forEach: (visit) => of.forEach((found, uri) => visit(Uri.parse(uri), found)),
        dispose: () => of.clear(),
    };
    collections.push(collection);
    return collection;
}
events(vscode.languages, "onDidChangeDiagnostics");
for (const name of Object.keys(vscode.languages).filter((key) => key.startsWith("register")))
    vscode.languages[name] = () => new Disposable(() => 0);
Object.assign(vscode.languages, {
    createDiagnosticCollection,
    getDiagnostics: (uri) => collections.flatMap((collection) => collection.get(uri) ?? []),
    match: (selector, document) => {
        const minimatch = require("minimatch");
        const fits = ({ scheme, language, pattern }) =>
            scheme === document.uri.scheme &&
            (!language || language === document.languageId) &&
            (!pattern || minimatch(document.uri.fsPath, pattern, { dot: true }));
        return [selector].flat().some(fits) ? 10 : 0;
    },
});

async function show(file) {
    const document = await openTextDocument(file);
    vscode.window.activeTextEditor = { document };
    const tab = { input: new vscode.TabInputText(document.uri) };
    vscode.window.tabGroups.all = [{ tabs: [tab] }];
    fire("onDidChangeTabs", { opened: [tab], closed: [], changed: [] });
    fire("onDidChangeActiveTextEditor", vscode.window.activeTextEditor);
    return document;
}

async function set(key, value) {
    seen.settings[key] = value;
    fire("onDidChangeConfiguration", { affectsConfiguration: (section) => key === section || key.startsWith(`${section}.`) });
}

module.exports = { vscode, seen, show, set, Range };
