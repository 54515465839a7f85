import { afterEach, beforeEach, expect, test } from "vitest";

import { words } from "../../../electron/src/shell/words";
import { settle } from "../support/settle";
import { WholeShell } from "../support/whole-shell";

const TOKEN = "f".repeat(64);
let whole: WholeShell;

beforeEach(async () => {
  whole = await new WholeShell().open();
  await whole.bringUp();
});

afterEach(() => {
  whole.close();
});

test("an error that nobody caught is logged, told with the place of the log, and ends in order", async () => {
  whole.shell.failed(new Error(`a cable came loose, token=${TOKEN}`));
  const [question = []] = whole.recorder.asked;
  const [title, text, ...buttons] = question;
  expect(title).toBe(words.failure.title);
  expect(text).toContain("a cable came loose");
  expect(text).toContain("/logs/desktop.log");
  expect(text).not.toContain(TOKEN);
  expect(buttons).toEqual([words.failure.again, words.failure.quit]);
  expect(whole.logged.some((line) => /fatal: Error: a cable.*\n.*at /.test(line))).toBe(true);
  await whole.sidecarStops();
  expect(whole.exits).toEqual([]);
  whole.recorder.answer(false);
  await settle();
  expect(whole.exits).toEqual(["70"]);
});

test("who wants it begins anew after an error", async () => {
  whole.shell.failed("no error at all");
  whole.recorder.answer(true);
  await whole.sidecarStops();
  expect(whole.exits).toEqual(["70 again"]);
});

test("further errors are logged and not told: nobody has to click them away", async () => {
  whole.shell.failed(new Error("first"));
  whole.shell.failed(new Error("second"));
  expect(whole.recorder.asked).toHaveLength(1);
  expect(whole.logged.some((line) => line.includes("second"))).toBe(true);
  await whole.sidecarStops();
  expect(whole.exits).toEqual([]);
});

test("where nothing can be shown the app ends all the same", async () => {
  whole.shell.failed(new Error("first"));
  whole.recorder.refuse(new Error("there is no screen"));
  await whole.sidecarStops();
  expect(whole.exits).toEqual(["70"]);
});
