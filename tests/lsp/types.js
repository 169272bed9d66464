// Writes a TypeScript program in which every message that the server sends in the sessions of golden/lsp, which are
// what it says to the byte, is a value of the type that the protocol gives it: the compiler finds what is missing, is
// wrong or is too much. An error's answer has the type of JSON-RPC's.
//
//     node types.js GOLDEN-FOLDER >messages.ts
"use strict";
const fs = require("fs");
const path = require("path");

const folder = path.join(process.argv[2], "lsp");
const types = {
    "codeAction/resolve": "lsp.CodeAction",
    "initialize": "lsp.InitializeResult",
    "shutdown": "null",
    "textDocument/codeAction": "lsp.CodeAction[]",
    "textDocument/diagnostic": "lsp.DocumentDiagnosticReport",
    "textDocument/hover": "lsp.Hover | null",
    "textDocument/willSaveWaitUntil": "lsp.TextEdit[] | null",
    "workspace/diagnostic": "lsp.WorkspaceDiagnosticReport",
    // what the server sends on its own
    "client/registerCapability": "lsp.RegistrationParams",
    "textDocument/publishDiagnostics": "lsp.PublishDiagnosticsParams",
    "window/showMessage": "lsp.ShowMessageParams",
    "workspace/configuration": "lsp.ConfigurationParams",
    "workspace/diagnostic/refresh": "undefined",
};
const options = {
    "workspace/didChangeConfiguration": "lsp.DidChangeConfigurationRegistrationOptions",
    "workspace/didChangeWatchedFiles": "lsp.DidChangeWatchedFilesRegistrationOptions",
};

const seen = new Map();
const put = (type, value, where) => {
    if (!type) throw new Error(`${where}: no type is known for it`);
    seen.set(`: ${type} = ${JSON.stringify(value)};`, where);
};

for (const name of fs.readdirSync(folder)) {
    const asked = new Map();
    const parts = fs.readFileSync(path.join(folder, name, "session"), "utf8").split(/^(?=-->|<--|===|#)/m);
    for (const part of parts) {
        if (part.startsWith("-->")) {
            const { id, method } = JSON.parse(part.slice(3));
            if (id !== undefined && method) asked.set(id, method);
        }
        if (!part.startsWith("<--")) continue;
        const { id, method, params, result, error } = JSON.parse(part.slice(3));
        if (error) put("rpc.ResponseErrorLiteral<lsp.DiagnosticServerCancellationData>", error, name);
        else put(types[method ?? asked.get(id)], method ? params : result, name);
        for (const { method: registered, registerOptions } of params?.registrations ?? [])
            put(options[registered], registerOptions, name);
    }
}
console.log('import * as lsp from "vscode-languageserver-protocol";\nimport * as rpc from "vscode-jsonrpc/lib/common/messages";');
let n = 0;
for (const [declaration, where] of seen) console.log(`export const m${n++}${declaration} // ${where}`);
