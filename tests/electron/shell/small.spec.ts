import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { redact } from "../../../electron/src/redact";
import { diagnosticsText } from "../../../electron/src/shell/diagnostics";
import { LOG_NAME, LogFile } from "../../../electron/src/shell/log-file";
import { hasTrayHost, QUESTIONS, saysYes } from "../../../electron/src/shell/tray-host";

const folder = mkdtempSync(join(tmpdir(), "llama-runner-pro-shell-"));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("secrets", () => {
  test.each([
    `Authorization: Bearer ${"x".repeat(40)}`,
    `token=${"s3cret".repeat(3)}`,
    `"api_key": "s3crets3crets3cret"`,
    `HF_TOKEN=hf_abcdefghijklmnop`,
    `key sk-abcdefghijklmnop used`,
    `instance ${"0123456789abcdef".repeat(4)}`,
    `http://user:s3crets3cret@host/`,
    `GET /session/AbCdEfGhIjKlMnOpQrStUv`,
    `password: 's3crets3cret'`,
  ])("are hidden in %j", (text) => {
    expect(redact(text)).toContain("•••");
    expect(redact(text)).not.toMatch(/s3cret|xxxx|abcdefgh|AbCdEf|0123456789abcdef0123/);
  });

  test.each([
    ["in a text that was cut off", 'token: "s3crets3cret'],
    ["behind an escaped quote", '"token": "x\\"s3crets3cret"'],
    ["in JSON within JSON", '"{\\"api_key\\":\\"s3crets3cret\\"}"'],
  ])("are hidden %s", (_where, text) => {
    expect(redact(text)).not.toContain("s3cret");
  });

  test.each(["a", "token-", "x://", '"', "token "])(
    "are looked for without end in a line of nothing but %j",
    (part) => {
      expect(redact(part.repeat(400_000 / part.length))).toContain(part);
    },
  );

  test("what is none stays readable", () => {
    const text = "chat: 200 tokens, 14.2 tokens/s, port 8585, pid 77, sha 0123456789abcdef";
    expect(redact(text)).toBe(text);
  });
});

test("diagnostics hold what a report needs and nothing secret", () => {
  const text = diagnosticsText({
    ...{ version: "0.1.0", electron: "45.4.1", system: "linux x64 6.1", program: "/opt/backend" },
    ...{ isPackaged: false, isSoftware: true },
    state: {
      kind: "failed",
      failure: { code: 78, signal: null, cause: "exit", problem: "", said: "s", gaveUp: false },
    },
    view: {
      ...{ kind: "failed", title: "The configuration is wrong", text: "t", log: [] },
      ...{ detail: "config.json: line 3", canRestart: true, canCopy: true },
    },
    log: ["first", `token: ${"f".repeat(64)}`],
  });
  for (const part of [
    "0.1.0",
    "45.4.1",
    "without the graphics",
    "/opt/backend",
    "exit code 78",
    "line 3",
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toContain("Last 2 lines of the log:\nfirst\n");
  expect(text).not.toContain("ffff");
});

describe("the log file", () => {
  test("gets lines without secrets, and begins anew when it is full", () => {
    const log = new LogFile(join(folder, "logs"));
    log.write("shell", `Bearer ${"a".repeat(30)}`);
    const path = join(folder, "logs", LOG_NAME);
    expect(readFileSync(path, "utf8")).toMatch(/^\S+Z shell Bearer •••\n$/);
    for (let nth = 0; nth < 25; nth += 1) log.write("sidecar", "x ".repeat(50_000));
    expect(readFileSync(`${path}.1`, "utf8").length).toBeGreaterThan(1_000_000);
    expect(readFileSync(path, "utf8").length).toBeLessThan(2_000_000);
  });

  test("whose folder was taken away is made anew", () => {
    const gone = join(folder, "gone");
    const log = new LogFile(gone);
    log.write("shell", "before");
    rmSync(gone, { recursive: true });
    log.write("shell", "lost");
    log.write("shell", "after");
    expect(readFileSync(join(gone, LOG_NAME), "utf8")).toMatch(/ shell after\n$/);
  });

  test("that cannot be written stops nothing", () => {
    writeFileSync(join(folder, "blocked"), "");
    const log = new LogFile(join(folder, "blocked"));
    expect(() => {
      log.write("shell", "x");
    }).not.toThrow();
  });
});

describe("a host for tray icons", () => {
  test("is there when the bus says so", async () => {
    expect(saysYes("(true,)\n")).toBe(true);
    expect(saysYes("   boolean true\n")).toBe(true);
    expect(saysYes("(false,)\n")).toBe(false);
    expect(await hasTrayHost(() => Promise.resolve("(true,)"))).toBe(true);
    expect(await hasTrayHost(() => Promise.resolve("(false,)"))).toBe(false);
  });

  test("is asked for with the second program when the first is not there", async () => {
    const asked: string[] = [];
    const found = await hasTrayHost(([program = ""]) => {
      asked.push(program);
      return Promise.resolve(program === "dbus-send" ? "   boolean true" : null);
    });
    expect(asked).toEqual(QUESTIONS.map(([program]) => program));
    expect(found).toBe(true);
  });

  test("is not there when nobody can be asked", async () => {
    expect(await hasTrayHost(() => Promise.resolve(null))).toBe(false);
  });
});
