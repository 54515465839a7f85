import { createHmac } from "node:crypto";

import { describe, expect, test } from "vitest";

import {
  greetingLine,
  MARK,
  proofOf,
  readLine,
  shutdownLine,
} from "../../../electron/src/sidecar/handshake";

const TOKEN = "a".repeat(64);
const NONCE = "b".repeat(64);
const KNOWN = { token: TOKEN, nonce: NONCE };
const LISTENING = {
  event: "listening",
  protocol: 1,
  port: 8585,
  pid: 77,
  started_ms: 1,
  version: "0.1.0",
  instance: "0123456789abcdef",
  proof: createHmac("sha256", TOKEN).update(NONCE).digest("hex"),
};

function said(event: unknown) {
  return readLine(MARK + JSON.stringify(event), KNOWN);
}

test("the greeting is one line of JSON with the names of the contract", () => {
  const line = greetingLine({
    ...KNOWN,
    dataDir: "/home/Jörg Ł (x86)",
    port: 8585,
    isPortFixed: true,
    parentPid: 7,
    keepModels: true,
  });
  expect(line.endsWith("\n")).toBe(true);
  expect(line.trimEnd()).not.toContain("\n");
  expect(JSON.parse(line)).toEqual({
    protocol: 1,
    token: TOKEN,
    nonce: NONCE,
    data_dir: "/home/Jörg Ł (x86)",
    port: 8585,
    strict_port: true,
    parent_pid: 7,
    keep_models: true,
  });
});

test("the wish to stop is one line of JSON", () => {
  expect(JSON.parse(shutdownLine(false, 8000))).toEqual({
    command: "shutdown",
    keep_models: false,
    deadline_ms: 8000,
  });
});

test("a sidecar that proves itself is believed", () => {
  expect(said(LISTENING)).toEqual({
    event: "listening",
    port: 8585,
    pid: 77,
    version: "0.1.0",
    instance: "0123456789abcdef",
  });
});

test("the proof is the HMAC of the nonce, keyed with the token, both as text", () => {
  expect(proofOf(TOKEN, NONCE)).toBe(LISTENING.proof);
});

describe("a listening line that breaks the contract is told as broken", () => {
  test.each([
    ["the proof of another token", { proof: proofOf("c".repeat(64), NONCE) }, /prove/],
    ["no proof", { proof: undefined }, /prove/],
    ["an empty proof", { proof: "" }, /prove/],
    ["another protocol", { protocol: 2 }, /protocol 2/],
    ["no protocol", { protocol: undefined }, /protocol nothing/],
    ["port 0", { port: 0 }, /no usable port: 0/],
    ["a port as text", { port: "8585" }, /no usable port/],
    ["a port beyond the last", { port: 65_536 }, /no usable port/],
    ["no process id", { pid: null }, /process id/],
    ["no version", { version: 3 }, /what it is/],
    ["no instance", { instance: "" }, /what it is/],
  ])("%s", (_name, change, problem) => {
    const told = said({ ...LISTENING, ...change });
    expect(told).toMatchObject({ event: "broken" });
    expect(told?.event === "broken" ? told.problem : "").toMatch(problem);
  });
});

test("lines without the mark are not ours", () => {
  expect(readLine(JSON.stringify(LISTENING), KNOWN)).toBeNull();
  expect(readLine("", KNOWN)).toBeNull();
  expect(readLine(` ${MARK}${JSON.stringify(LISTENING)}`, KNOWN)).toBeNull();
});

test.each(["{", "[]", "7", "null", ""])("marked rubbish is broken: %j", (rubbish) => {
  expect(readLine(MARK + rubbish, KNOWN)).toMatchObject({ event: "broken" });
});

test("events of a later version are passed over", () => {
  expect(said({ event: "singing" })).toBeNull();
  expect(said({})).toBeNull();
});

test("plain events are read", () => {
  expect(said({ event: "ready", more: 1 })).toEqual({ event: "ready" });
  expect(said({ event: "stopped" })).toEqual({ event: "stopped" });
  expect(said({ event: "fatal", code: 78, text: "config.json: line 3" })).toEqual({
    event: "fatal",
    code: 78,
    text: "config.json: line 3",
  });
});

test("reasons that are no texts are left out, and endless ones are cut", () => {
  expect(said({ event: "degraded", reasons: ["a", 7, "b"] })).toEqual({
    event: "degraded",
    reasons: ["a", "b"],
  });
  expect(said({ event: "degraded" })).toEqual({ event: "degraded", reasons: [] });
  const long = said({ event: "degraded", reasons: ["x".repeat(9000)] });
  expect(long?.event === "degraded" ? long.reasons[0]?.length : 0).toBe(4000);
});

test("a fatal without a usable code is broken, one without a text is not", () => {
  expect(said({ event: "fatal", code: 0, text: "x" })).toMatchObject({ event: "broken" });
  expect(said({ event: "fatal", code: "78" })).toMatchObject({ event: "broken" });
  expect(said({ event: "fatal", code: 69 })).toEqual({ event: "fatal", code: 69, text: "" });
});
