// Starts `ironhull lsp`, and adds commands, a status item and previews to what every language client has.
import * as vscode from "vscode";
import { CodeAction, CodeActionRequest, LanguageClient, State } from "vscode-languageclient/node";

const fixAll = "source.fixAll.ironhull";
const languages = ["dockerfile", "dockercompose", "yaml", "json"];
// A .dockerignore that a fix makes is in the editor before it is on disk: the server has to know it from there.
const selector = [
    ...languages.map((language) => ({ scheme: "file", language })),
    { scheme: "file", pattern: "**/*.dockerignore" },
];
const previewScheme = "ironhull-hardened";

let client: LanguageClient | undefined;
let status: vscode.StatusBarItem;

function program(): string {
    return vscode.workspace.getConfiguration("ironhull").get("path", "ironhull");
}

function current(): vscode.TextDocument | undefined {
    const document = vscode.window.activeTextEditor?.document;
    return document && vscode.languages.match(selector, document) ? document : undefined;
}

// How much is found in the file that one looks at, or that the server does not run.
function showStatus(): void {
    const document = current();
    if (!document) {
        status.hide();
        return;
    }
    const isRunning = client?.state === State.Running;
    const found = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "ironhull").length;
    status.text = isRunning ? `$(shield) ${found ? found.toString() : "ironhull"}` : "$(warning) ironhull";
    status.tooltip = isRunning ? "ironhull: harden this file" : `ironhull: ${program()} lsp does not run; start it again`;
    status.command = isRunning ? "ironhull.hardenFile" : "ironhull.restart";
    status.show();
}

async function stop(): Promise<void> {
    if (client?.isRunning()) await client.dispose();
    client = undefined;
}

async function start(): Promise<void> {
    await stop();
    client = new LanguageClient(
        "ironhull",
        "ironhull",
        { command: program(), args: ["lsp"] },
        { documentSelector: selector, synchronize: { configurationSection: "ironhull" } },
    );
    client.onDidChangeState(showStatus);
    try {
        await client.start();
    } catch (error) {
        const text = `ironhull: ${program()} lsp does not start: ${String(error)}`;
        void vscode.window.showErrorMessage(text, "Set the Path").then((button) => {
            if (button) void vscode.commands.executeCommand("workbench.action.openSettings", "ironhull.path");
        });
    }
}

// All safe fixes of a document, as the server has them; undefined where there are none.
async function editOf(document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined> {
    if (client?.state !== State.Running) return undefined;
    const actions = await client.sendRequest(CodeActionRequest.type, {
        textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
        range: { start: { line: 0, character: 0 }, end: { line: document.lineCount, character: 0 } },
        context: { diagnostics: [], only: [fixAll] },
    });
    const action = actions?.find((one): one is CodeAction => CodeAction.is(one) && one.kind === fixAll);
    return client.protocol2CodeConverter.asWorkspaceEdit(action?.edit);
}

function nothing(): void {
    void vscode.window.showInformationMessage("ironhull: nothing to harden here");
}

async function hardenFile(): Promise<void> {
    const document = current();
    const edit = document && (await editOf(document));
    if (edit) await vscode.workspace.applyEdit(edit);
    else nothing();
}

// The hardened text of a document stands in a read-only one of its own, beside which VS Code compares it.
const previewChanged = new vscode.EventEmitter<vscode.Uri>();
const preview: vscode.TextDocumentContentProvider = {
    onDidChange: previewChanged.event,
    async provideTextDocumentContent(uri) {
        const document = await vscode.workspace.openTextDocument(uri.with({ scheme: "file" }));
        const edits = (await editOf(document))?.get(document.uri) ?? [];
        return [...edits]
            .sort((a, b) => b.range.start.compareTo(a.range.start))
            .reduce((text, { range, newText }) => {
                return text.slice(0, document.offsetAt(range.start)) + newText + text.slice(document.offsetAt(range.end));
            }, document.getText());
    },
};

function previewOf(uri: vscode.Uri): vscode.Uri {
    return uri.with({ scheme: previewScheme });
}

async function showDiff(): Promise<void> {
    const document = current();
    if (!document || !(await editOf(document))) {
        nothing();
        return;
    }
    const title = `${vscode.workspace.asRelativePath(document.uri)}: hardened`;
    await vscode.commands.executeCommand("vscode.diff", document.uri, previewOf(document.uri), title);
}

// Adds a document's fixes to others, to be confirmed one by one; a file that they need beside it is made first.
async function collect(document: vscode.TextDocument, all: vscode.WorkspaceEdit): Promise<void> {
    const metadata = { label: "ironhull", needsConfirmation: true };
    for (const [uri, edits] of (await editOf(document))?.entries() ?? []) {
        if (all.has(uri)) continue; // two Dockerfiles make the same .dockerignore
        const isThere = await vscode.workspace.fs.stat(uri).then(
            () => true,
            () => false,
        );
        if (!isThere) all.createFile(uri, { ignoreIfExists: true }, metadata);
        for (const { range, newText } of edits) all.replace(uri, range, newText, metadata);
    }
}

async function hardenWorkspace(): Promise<void> {
    const all = new vscode.WorkspaceEdit();
    const names = ["[Dd]ockerfile", "[Cc]ontainerfile"].flatMap((name) => [name, `${name}.*`, `*.${name}`]);
    const files = await vscode.workspace.findFiles(
        `**/{${[...names, "*.yaml", "*.yml", "*.json"].join()}}`,
        "**/{node_modules,vendor,.git}/**",
    );
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const bar = { location: vscode.ProgressLocation.Notification, title: "ironhull", cancellable: true };
    const isDone = await vscode.window.withProgress(bar, async (progress, cancellation) => {
        for (const file of files) {
            if (cancellation.isCancellationRequested) return false;
            progress.report({ message: vscode.workspace.asRelativePath(file), increment: 100 / files.length });
            // VS Code opens none that is too large or no text
            const document = await vscode.workspace.openTextDocument(file).then(
                (opened) => opened,
                () => undefined,
            );
            if (document) await collect(document, all);
        }
        return true;
    });
    if (!isDone) return;
    if (all.size) await vscode.workspace.applyEdit(all, { isRefactoring: true });
    else nothing();
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right);
    context.subscriptions.push(
        status,
        previewChanged,
        vscode.workspace.registerTextDocumentContentProvider(previewScheme, preview),
        vscode.commands.registerCommand("ironhull.hardenFile", hardenFile),
        vscode.commands.registerCommand("ironhull.showDiff", showDiff),
        vscode.commands.registerCommand("ironhull.hardenWorkspace", hardenWorkspace),
        vscode.commands.registerCommand("ironhull.restart", start),
        vscode.languages.onDidChangeDiagnostics(showStatus),
        vscode.window.onDidChangeActiveTextEditor(showStatus),
        vscode.workspace.onDidChangeTextDocument(({ document }) => {
            previewChanged.fire(previewOf(document.uri));
        }),
        vscode.workspace.onDidChangeConfiguration(async (event) => {
            if (event.affectsConfiguration("ironhull.path")) await start();
        }),
    );
    await start();
    showStatus();
}

export function deactivate(): Promise<void> {
    return stop();
}
