import { Linter } from "eslint";
import { describe, expect, test } from "vitest";

import checklist from "../../../electron/eslint/checklist.js";

const WINDOW = "electron/src/adapters/window.ts";
const GUARDS = "electron/src/adapters/guards.ts";
const IPC = "electron/src/adapters/ipc.ts";
const PRELOAD = "electron/src/preload.ts";
const SHELL = "electron/src/shell/shell.ts";

/** The rules that speak against `code` in `file`. */
function against(code: string, file = SHELL): string[] {
  const rules = Object.keys(checklist.rules).map((name) => [`checklist/${name}`, "error"] as const);
  const found = new Linter({ cwd: "/checkout" }).verify(
    code,
    {
      files: ["**/*.ts"],
      plugins: { checklist: checklist as never },
      rules: Object.fromEntries(rules),
    },
    `/checkout/${file}`,
  );
  return found.map((message) => message.ruleId ?? message.message);
}

describe("what weakens a page is refused everywhere", () => {
  test.each([
    "const x = { nodeIntegration: true };",
    "const x = { nodeIntegrationInWorker: true };",
    "const x = { nodeIntegrationInSubFrames: true };",
    "const x = { contextIsolation: false };",
    "const x = { sandbox: false };",
    "const x = { webSecurity: false };",
    "const x = { webviewTag: true };",
    "const x = { allowRunningInsecureContent: true };",
    "const x = { experimentalFeatures: true };",
    "const x = { 'sandbox': process.env.DEBUG !== '1' };",
  ])("%s", (code) => {
    expect(against(code, WINDOW)).toContain("checklist/rights");
  });

  test.each([
    "const x = { enableBlinkFeatures: 'A' };",
    "window.loadFile('x.html');",
    "contents['executeJavaScript']('1');",
    "session.setCertificateVerifyProc(() => 0);",
    "app.on('certificate-error', () => {});",
    "app.commandLine.appendSwitch('no-sandbox');",
    "protocol.registerSchemesAsPrivileged([]);",
    "window.load('file:///x');",
  ])("%s", (code) => {
    expect(against(code, WINDOW)).toContain("checklist/never");
  });
});

describe("what is dangerous is used only where it is checked", () => {
  test.each([
    ["import { BrowserWindow } from 'electron';", WINDOW],
    ["window.loadURL(url);", WINDOW],
    ["shell.openExternal(url);", GUARDS],
    ["contents.setWindowOpenHandler(() => 0);", GUARDS],
    ["session.webRequest.onBeforeSendHeaders(() => 0);", GUARDS],
    ["import { ipcMain } from 'electron';", IPC],
    ["import { contextBridge } from 'electron';", PRELOAD],
  ])("%s", (code, file) => {
    expect(against(code, file)).toEqual([]);
    expect(against(code, SHELL)).toEqual(["checklist/only-in"]);
    expect(against(code, "electron/src/adapters/tray.ts")).toEqual(["checklist/only-in"]);
  });
});

describe("pages get functions of ours, never Electron's own", () => {
  test.each([
    "give({ send: ipcRenderer.send });",
    "give({ ipcRenderer });",
    "give(ipcRenderer);",
    "const other = ipcRenderer;",
  ])("%s", (code) => {
    expect(against(code, PRELOAD)).toContain("checklist/bridge");
  });

  test("calling it is fine", () => {
    expect(against("const ask = () => ipcRenderer.invoke('x');", PRELOAD)).toEqual([]);
  });
});

test("nobody leaves past the exit path, which main ends", () => {
  for (const code of ["process.exit(1);", "app.quit();", "process.abort();", "app.exit(0);"]) {
    expect(against(code)).toEqual(["checklist/exits"]);
  }
  expect(against("app.exit(0);", "electron/src/main.ts")).toEqual([]);
  expect(against("process.exit(0);", "electron/src/main.ts")).toEqual(["checklist/exits"]);
});

test("programs are started without a shell", () => {
  expect(against("spawn(a, b, { shell: true });")).toEqual(["checklist/no-shell"]);
  expect(against("import { exec } from 'node:child_process';")).toEqual(["checklist/no-shell"]);
  expect(against("import { spawn } from 'node:child_process';")).toEqual([]);
});

test("what is right is left alone", () => {
  const code = "const x = { sandbox: true, contextIsolation: true, nodeIntegration: false };";
  expect(against(code)).toEqual([]);
});
