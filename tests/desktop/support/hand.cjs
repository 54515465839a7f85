// Loaded before the app where Playwright is not inside: runs in the main process what a test hands
// over, one piece a connection, and gives back what came of it.
"use strict";

const { createServer } = require("node:net");
const { createInterface } = require("node:readline");
const { runInThisContext } = require("node:vm");
const electron = require("electron");

async function done(line) {
  const { act, given } = JSON.parse(line);
  try {
    return { result: (await runInThisContext(`(${act})`)(electron, given)) ?? null };
  } catch (error) {
    return { trouble: String(error) };
  }
}

const server = createServer((socket) => {
  // Whoever asked may have gone already.
  socket.on("error", () => undefined);
  createInterface({ input: socket }).once("line", (line) => {
    void done(line).then((answer) => socket.end(JSON.stringify(answer)));
  });
});
server.listen(process.env["LLAMA_RUNNER_PRO_TEST_HAND"]);
