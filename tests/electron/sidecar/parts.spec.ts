import { describe, expect, test } from "vitest";

import { isHopeless } from "../../../electron/src/sidecar/exit-codes";
import { LineSplitter } from "../../../electron/src/sidecar/lines";
import { isPackaged, SETTING, sidecarProgram } from "../../../electron/src/sidecar/locate";
import { KEPT_LINES, LogTail } from "../../../electron/src/sidecar/log-tail";

describe("lines", () => {
  function cut(...chunks: Buffer[]): string[] {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (const chunk of chunks) splitter.push(chunk);
    splitter.end();
    return lines;
  }

  test("come whole, however the pipe cuts them", () => {
    const bytes = Buffer.from("Jörg\r\nŁódź\nend");
    const single = [...bytes].map((byte) => Buffer.from([byte]));
    expect(cut(...single)).toEqual(["Jörg", "Łódź", "end"]);
    expect(cut(bytes)).toEqual(["Jörg", "Łódź", "end"]);
  });

  test("empty ones count, and a final line end adds none", () => {
    expect(cut(Buffer.from("a\n\nb\n"))).toEqual(["a", "", "b"]);
  });

  test("one that never ends is given out in pieces", () => {
    const lines = cut(Buffer.from("x".repeat(150_000)));
    expect(lines.map((line) => line.length)).toEqual([65_536, 65_536, 18_928]);
  });
});

describe("the log's tail", () => {
  test("keeps the last 200 lines", () => {
    const tail = new LogTail();
    for (let nth = 0; nth < KEPT_LINES + 50; nth += 1) tail.add(`line ${nth}`);
    expect(tail.lines()).toHaveLength(200);
    expect(tail.lines()[0]).toBe("line 50");
    expect(tail.lines().at(-1)).toBe("line 249");
  });

  test("turns JSON lines into readable ones and leaves the rest", () => {
    const tail = new LogTail();
    tail.add('{"t":1795323752455,"level":"INFO","logger":"app","text":"is running"}');
    tail.add("Traceback (most recent call last):");
    tail.add('{"text":7}');
    expect(tail.lines()).toEqual([
      "2026-11-22T05:02:32.455Z INFO app is running",
      "Traceback (most recent call last):",
      '{"text":7}',
    ]);
  });

  test("a time that is none does no harm", () => {
    expect(new LogTail().add('{"t":1e300,"text":"x"}')).toBe(" x");
  });

  test("hides secrets and cuts what is endless", () => {
    const tail = new LogTail();
    expect(tail.add(`Authorization: Bearer ${"a".repeat(64)}`)).not.toContain("aaaa");
    expect(tail.add("y".repeat(9000))).toHaveLength(2000);
  });
});

describe("the program", () => {
  const checkout = {
    platform: "linux" as const,
    resourcesPath: "/usr/lib/electron/resources",
    bundlePath: "/src/dist/electron",
    env: {},
  };
  const packaged = { ...checkout, bundlePath: "/opt/x/resources/app.asar/dist/electron" };

  test("of a package is its own, whatever the environment says", () => {
    const around = { ...packaged, resourcesPath: "/opt/x/resources", env: { [SETTING]: "/evil" } };
    expect(isPackaged(around)).toBe(true);
    expect(sidecarProgram(around)).toBe("/opt/x/resources/backend/llama-runner-pro-backend");
  });

  test("of a checkout is the built one, or the one that is named", () => {
    expect(isPackaged(checkout)).toBe(false);
    expect(sidecarProgram(checkout)).toBe("/src/dist/backend/llama-runner-pro-backend");
    expect(sidecarProgram({ ...checkout, env: { [SETTING]: "" } })).toContain("/src/dist/");
    expect(sidecarProgram({ ...checkout, env: { [SETTING]: "/venv/x" } })).toBe("/venv/x");
  });

  test("ends in .exe on Windows", () => {
    expect(sidecarProgram({ ...checkout, platform: "win32" })).toMatch(/backend\.exe$/);
  });
});

test("what only a person can mend is hopeless", () => {
  expect([64, 69, 73, 77, 78].every(isHopeless)).toBe(true);
  expect([0, 1, 75, 130, 255, null].some(isHopeless)).toBe(false);
});
