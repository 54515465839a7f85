// Loaded before the app where Playwright is not inside: at SIGUSR2 it runs in the main process what
// a test wrote to a file, and writes what came of it to another. A file and not a socket, because
// Electron 22 may never end with a socket of Node's still open.
"use strict";

const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { runInThisContext } = require("node:vm");
const electron = require("electron");

const paper = process.env["LLAMA_RUNNER_PRO_TEST_HAND"];

async function done() {
  const { act, given } = JSON.parse(readFileSync(`${paper}.asked`, "utf8"));
  try {
    return { result: (await runInThisContext(`(${act})`)(electron, given)) ?? null };
  } catch (error) {
    return { trouble: String(error) };
  }
}

process.on("SIGUSR2", () => {
  void done().then((answer) => {
    writeFileSync(`${paper}.half`, JSON.stringify(answer));
    renameSync(`${paper}.half`, `${paper}.answer`);
  });
});
writeFileSync(`${paper}.ready`, "");
