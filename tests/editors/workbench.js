// The extension in a real workbench of VS Code: what its user does, and what becomes of the files on disk.
//
//     node workbench.js IRONHULL SAMPLE-FOLDER PACKAGE VSCODE-FOLDER [FOLDER-FOR-FRAMES]
"use strict";
const assert = require("assert");
const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const check = require("../checks");
const { chromium } = require("playwright-core");

const [program, sample, extension, vscode, frames] = process.argv.slice(2).map((name) => path.resolve(name));
const work = fs.mkdtempSync(path.join(os.tmpdir(), "ironhull-workbench-"));
const root = path.join(work, "my-app");
const server = [path.join(vscode, "out/server-main.js"), "--accept-server-license-terms", "--telemetry-level", "off"];
server.push("--extensions-dir", path.join(work, "extensions"), "--server-data-dir", path.join(work, "server"));
// Node 18 has no global `crypto` without it
const environment = { ...process.env, HOME: work, NODE_OPTIONS: "--experimental-global-webcrypto" };
const patience = 45000; // ms, for a machine that is busy
let workbench, browser, page;

// The workbench has processes of its own, which write as long as they live.
async function end() {
    await browser?.close();
    if (workbench) process.kill(-workbench.pid, "SIGKILL");
    fs.rmSync(work, { recursive: true, force: true, maxRetries: 20 });
}

/* --- files --- */

const read = (name) => fs.readFileSync(path.join(root, name), "utf8");

// What `ironhull ARGUMENT...` makes of a file in a copy of the sample.
function expected(name, ...parameters) {
    const copy = fs.mkdtempSync(path.join(work, "expected-"));
    fs.cpSync(sample, copy, { recursive: true });
    execFileSync(program, parameters, { cwd: copy, stdio: "ignore" });
    return fs.readFileSync(path.join(copy, name), "utf8");
}

async function until(holds, what) {
    for (const end = Date.now() + patience; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100)))
        if (await holds()) return;
    assert.fail(`in vain: ${what}`);
}

const becomes = (name, text) => until(() => fs.existsSync(path.join(root, name)) && read(name) === text, `${name} is to be\n${text}`);

const settings = {
    "chat.commandCenter.enabled": false,
    "editor.minimap.enabled": false,
    "extensions.ignoreRecommendations": true,
    "security.workspace.trust.enabled": false,
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.startupEditor": "none",
    "ironhull.path": program,
};
function set(changed) {
    fs.writeFileSync(path.join(work, "server/data/User/settings.json"), JSON.stringify({ ...settings, ...changed }));
}

// VS Code looks for changed settings in the workspace.
function setInWorkspace(changed) {
    fs.mkdirSync(path.join(root, ".vscode"), { recursive: true });
    fs.writeFileSync(path.join(root, ".vscode/settings.json"), JSON.stringify(changed));
}

/* --- the workbench --- */

async function start() {
    fs.mkdirSync(path.join(work, "server/data/User"), { recursive: true });
    set({});
    workbench = spawn(process.execPath, [...server, "--host", "127.0.0.1", "--port", "0", "--without-connection-token"], { env: environment, detached: true });
    let said = "";
    for (const stream of [workbench.stdout, workbench.stderr]) stream.on("data", (data) => (said += data));
    await until(() => /listening on \d+/.test(said), "the workbench's server");
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    page = await browser.newPage({ viewport: { width: 960, height: 600 } });
    page.setDefaultTimeout(patience);
    await page.goto(`http://127.0.0.1:${/listening on (\d+)/.exec(said)[1]}/?folder=${root}`);
    await open();
}

async function open() {
    await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "Dockerfile" }).dblclick();
    await page.keyboard.press("Control+Home");
    await line("WORKDIR").waitFor();
}

async function frame(name) {
    if (!frames) return;
    await page.waitForTimeout(1000); // until what moves is at rest
    await page.screenshot({ path: path.join(frames, `${name}.png`) });
}

const item = () => page.locator('.statusbar-item[id^="ironhull"]');
const shows = (text) => until(async () => (await item().allInnerTexts()).some((one) => one.trim() === text), `the status item: ${text}`);
const line = (text) => page.locator(".view-line", { hasText: text }).first();
const save = () => page.keyboard.press("Control+S");

// Saves until the file is another one: settings that are changed are heeded a little later, and a save ends one that goes on.
async function saveUntil(holds) {
    await until(async () => {
        await page.waitForTimeout(3000);
        await save();
        await page.waitForTimeout(3000);
        return holds();
    }, "rewriting on save");
}

async function run(command) {
    await page.keyboard.press("F1");
    await page.locator(".quick-input-widget input").first().fill(`>${command}`);
    await page.locator(".quick-input-list").getByText(command, { exact: true }).first().click();
    await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

// The sample as it was, in the editor too: VS Code, whose save may still be at its end, would take our bytes for its own.
async function again() {
    for (let i = 0; i < 2; i++) await page.keyboard.press("Escape");
    fs.rmSync(path.join(root, ".dockerignore"), { force: true });
    for (const name of fs.readdirSync(sample)) fs.copyFileSync(path.join(sample, name), path.join(root, name));
    await open();
    await run("File: Revert File");
    await shows("3");
    await line("CMD").locator("span span").first().click();
}

const tests = {
    async "the package installs"() {
        fs.cpSync(sample, root, { recursive: true });
        const said = execFileSync(process.execPath, [...server, "--install-extension", extension], { env: environment, stdio: ["ignore", "pipe", "ignore"] }).toString();
        assert.match(said, /was successfully installed/);
    },
    async "what is found"() {
        await start();
        await shows("3");
        assert.strictEqual(await page.locator(".squiggly-warning").count(), 2); // two findings are about one place
        await page.keyboard.press("Control+Shift+M");
        await page.locator(".markers-panel .monaco-list-row", { hasText: "no-new-privileges" }).waitFor();
        await frame("1-problems");
        await page.keyboard.press("Control+J");
    },
    async "why, when the pointer rests on it"() {
        await line("RUN").locator("span span").first().hover();
        await page.locator(".monaco-hover", { hasText: "What may break" }).first().waitFor();
        await frame("2-hover");
        await page.keyboard.press("Escape");
    },
    async "one fix, from the light bulb"() {
        await again();
        const actions = page.locator(".action-widget .monaco-list-row", { hasText: "Ignore init-process here, with a reason" });
        await until(async () => {
            await page.keyboard.press("Escape");
            await page.keyboard.press("Control+.");
            return actions.waitFor({ timeout: 5000 }).then(() => true, () => false);
        }, "actions");
        await frame("3-fixes");
        await page.keyboard.press("ArrowDown"); // the first one is non-root-user's
        await page.keyboard.press("Enter");
        await line("ENTRYPOINT").waitFor();
        await save();
        // the split into stages comes first
        await becomes("Dockerfile", expected("Dockerfile", "-w", "--select=builder-stage,init-process", "Dockerfile"));
    },
    async "Show What Would Change in This File"() {
        await again();
        await run("ironhull: Show What Would Change in This File");
        await page.locator(".editor.modified .view-line", { hasText: "USER" }).first().waitFor();
        await frame("4-diff");
        await run("View: Close Editor");
        assert.strictEqual(read("Dockerfile"), fs.readFileSync(path.join(sample, "Dockerfile"), "utf8"));
    },
    async "Harden This File"() {
        await again();
        await run("ironhull: Harden This File");
        await line("USER").waitFor();
        await run("File: Save All Files");
        for (const name of ["Dockerfile", ".dockerignore"]) await becomes(name, expected(name, "-w", "Dockerfile"));
        await shows("ironhull");
    },
    async "a click on the status item"() {
        await again();
        await item().click();
        await line("USER").waitFor();
        await run("File: Save All Files");
        await becomes("Dockerfile", expected("Dockerfile", "-w", "Dockerfile"));
    },
    async "Harden the Workspace, with a Preview"() {
        await again();
        await run("ironhull: Harden the Workspace, with a Preview");
        await page.locator(".bulk-edit-panel .monaco-list-row", { hasText: "Dockerfile" }).waitFor();
        await frame("5-workspace");
        await page.keyboard.press("Control+ArrowLeft"); // all files folded, which are ticked
        await page.locator(".bulk-edit-panel .monaco-list-row", { hasText: "pod.yaml" }).waitFor();
        for (const box of await page.locator('.bulk-edit-panel .monaco-list-row input[type="checkbox"]').all()) await box.check();
        await page.locator(".bulk-edit-panel .monaco-button", { hasText: "Apply" }).click();
        for (const name of ["Dockerfile", "compose.yaml", "pod.yaml"]) await becomes(name, expected(name, "-w", name));
        await becomes(".dockerignore", expected(".dockerignore", "-w", "Dockerfile"));
    },
    async "saving rewrites once it is asked for"() {
        await again();
        const typed = "# typed";
        await page.keyboard.press("Control+End");
        await page.keyboard.type(typed);
        await save();
        const plain = fs.readFileSync(path.join(sample, "Dockerfile"), "utf8") + typed;
        await becomes("Dockerfile", plain);
        setInWorkspace({ "ironhull.fixOnSave": true });
        await saveUntil(() => read("Dockerfile") !== plain);
        await becomes("Dockerfile", `${expected("Dockerfile", "-w", "Dockerfile")}${typed}`);
        await frame("6-saved");
        assert(!fs.existsSync(path.join(root, ".dockerignore")));
        setInWorkspace({});
    },
    async "so does VS Code's own setting"() {
        await again();
        setInWorkspace({ "editor.codeActionsOnSave": { "source.fixAll.ironhull": "explicit" } });
        await saveUntil(() => read("Dockerfile").includes("USER"));
        await becomes("Dockerfile", expected("Dockerfile", "-w", "Dockerfile"));
        await run("File: Save All Files");
        await becomes(".dockerignore", expected(".dockerignore", "-w", "Dockerfile"));
        setInWorkspace({});
    },
    async "it is no formatter"() {
        await again();
        await page.keyboard.press("Control+Shift+I"); // Format Document
        await page.getByText("There is no formatter for 'dockerfile' files installed").first().waitFor();
    },
    async "a program that is not there"() {
        set({ "ironhull.path": "/no/such/ironhull" });
        await page.reload();
        await page.locator(".notification-toast", { hasText: "/no/such/ironhull lsp does not start" }).first().waitFor();
    },
};

check(tests, 240, end);
