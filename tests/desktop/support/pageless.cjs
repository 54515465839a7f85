#!/usr/bin/env node
// A sidecar that proves what it is and answers for its instance, and has no page: every other
// connection is cut off.
"use strict";

const { createHmac } = require("node:crypto");
const { createServer } = require("node:http");
const { createInterface } = require("node:readline");

const MARK = "@llama-runner-pro ";
const instance = "0123456789abcdef";

function say(event) {
  process.stdout.write(`${MARK}${JSON.stringify(event)}\n`);
}

const server = createServer((request, response) => {
  if (request.url === "/api/health") response.end(JSON.stringify({ instance }));
  else request.socket.destroy();
});
let greeting = null;
const lines = createInterface({ input: process.stdin });
lines.on("close", () => process.exit(0));
lines.on("line", (line) => {
  if (greeting !== null) process.exit(0);
  greeting = JSON.parse(line);
  const proof = createHmac("sha256", greeting.token).update(greeting.nonce).digest("hex");
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    const facts = { protocol: 1, port, pid: process.pid, started_ms: 0, version: "0.1.0" };
    say({ event: "listening", ...facts, instance, proof });
    say({ event: "ready" });
  });
});
