// Starts `ironhull lsp`, and adds commands, a status item and previews to what every language client has.
import * as vscode from "vscode";
import { CodeAction, CodeActionRequest, LanguageClient, State, WorkspaceEdit } from "vscode-languageclient/node";

const fixAll = "source.fixAll.ironhull";
const selector = ["dockerfile", "dockercompose", "yaml", "json"].map((language) => ({ scheme: "file", language }));
const previewScheme = "ironhull-hardened";

let client: LanguageClient | undefined;
let status: vscode.StatusBarItem;

function setting<T>(name: string, otherwise: T): T {
    return vscode.workspace.getConfiguration("ironhull").get(name, otherwise);
}

async function start(): Promise<void> {
    await client?.dispose();
    const command = setting("path", "ironhull");
    client = new LanguageClient("ironhull", "ironhull", { command, args: ["lsp"] }, { documentSelector: selector });
    client.onDidChangeState(({ newState }) => {
        status.text = newState === State.Running ? "$(shield) ironhull" : "$(warning) ironhull";
        status.tooltip = newState === State.Running ? "Harden this file" : `${command} lsp does not run`;
    });
    await client.start();
}

// All safe fixes of a document, as the server has them; undefined where there are none.
async function fixOf(document: vscode.TextDocument): Promise<WorkspaceEdit | undefined> {
    if (!client) return undefined;
    const last = document.lineAt(document.lineCount - 1).range.end;
    const actions = await client.sendRequest(CodeActionRequest.type, {
        textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
        range: { start: { line: 0, character: 0 }, end: { line: last.line, character: last.character } },
        context: { diagnostics: [], only: [fixAll] },
    });
    return (actions ?? []).filter((action): action is CodeAction => CodeAction.is(action)).find((action) => action.kind === fixAll)?.edit;
}

async function editOf(document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined> {
    const fix = await fixOf(document);
    return fix && client?.protocol2CodeConverter.asWorkspaceEdit(fix);
}

function current(): vscode.TextDocument | undefined {
    const document = vscode.window.activeTextEditor?.document;
    return document && vscode.languages.match(selector, document) ? document : undefined;
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
const hardened: vscode.TextDocumentContentProvider = {
    async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
        const document = await vscode.workspace.openTextDocument(uri.with({ scheme: "file" }));
        const edits = (await editOf(document))?.get(document.uri) ?? [];
        return [...edits]
            .sort((a, b) => document.offsetAt(b.range.start) - document.offsetAt(a.range.start))
            .reduce((text, edit) => {
                const [from, to] = [document.offsetAt(edit.range.start), document.offsetAt(edit.range.end)];
                return text.slice(0, from) + edit.newText + text.slice(to);
            }, document.getText());
    },
};

async function showDiff(): Promise<void> {
    const document = current();
    if (!document || !(await editOf(document))) return nothing();
    const title = `${vscode.workspace.asRelativePath(document.uri)}: hardened`;
    await vscode.commands.executeCommand("vscode.diff", document.uri, document.uri.with({ scheme: previewScheme }), title);
}

// Each file as it is hardened on its own: VS Code shows all of them, to be confirmed one by one.
async function hardenWorkspace(): Promise<void> {
    const all = new vscode.WorkspaceEdit();
    const metadata = { label: "ironhull", needsConfirmation: true };
    const files = await vscode.workspace.findFiles(
        "**/{Dockerfile,Dockerfile.*,*.Dockerfile,Containerfile,*.yaml,*.yml}",
        "**/{node_modules,vendor,.git}/**",
    );
    for (const file of files.sort((a, b) => a.path.localeCompare(b.path))) {
        const edit = await editOf(await vscode.workspace.openTextDocument(file));
        for (const [uri, edits] of edit?.entries() ?? []) {
            const isThere = await vscode.workspace.fs.stat(uri).then(() => true, () => false);
            if (!isThere) all.createFile(uri, { ignoreIfExists: true }, metadata);
            for (const { range, newText } of edits) all.replace(uri, range, newText, metadata);
        }
    }
    if (all.size) await vscode.workspace.applyEdit(all, { isRefactoring: true });
    else nothing();
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right);
    status.text = "$(shield) ironhull";
    status.command = "ironhull.hardenFile";
    status.show();
    context.subscriptions.push(
        status,
        vscode.workspace.registerTextDocumentContentProvider(previewScheme, hardened),
        vscode.commands.registerCommand("ironhull.hardenFile", hardenFile),
        vscode.commands.registerCommand("ironhull.showDiff", showDiff),
        vscode.commands.registerCommand("ironhull.hardenWorkspace", hardenWorkspace),
        vscode.commands.registerCommand("ironhull.restart", start),
        vscode.workspace.onDidChangeConfiguration(async (event) => {
            if (event.affectsConfiguration("ironhull.path")) await start();
        }),
    );
    await start().catch((error) => vscode.window.showErrorMessage(`ironhull: ${error}`));
}

export function deactivate(): Promise<void> | undefined {
    return client?.stop();
}
