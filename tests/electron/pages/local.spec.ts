// @vitest-environment jsdom
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, expect, test, vi } from "vitest";

import type { LocalView } from "../../../electron/src/shell/local-view";
import { settle } from "../support/settle";

const PAGES = join(import.meta.dirname, "..", "..", "..", "electron", "pages");

const STARTING: LocalView = {
  ...{ kind: "starting", title: "Starting", text: "It is starting.", detail: "" },
  ...{ log: [], canRestart: false, canCopy: false },
};
const FAILED: LocalView = {
  ...{ kind: "failed", title: "The configuration is wrong", text: "Mend it." },
  ...{ detail: "config.json: line 3", log: ["one", "two"], canRestart: true, canCopy: true },
};

let show: (view: LocalView) => void;
let asked: string[];
let answer: () => Promise<string>;

beforeEach(async () => {
  document.documentElement.innerHTML = readFileSync(join(PAGES, "local.html"), "utf8");
  asked = [];
  answer = () => Promise.resolve("");
  const verb = (name: string) => () => {
    asked.push(name);
    return answer();
  };
  const listening = (listener: (view: LocalView) => void) => {
    show = listener;
  };
  vi.stubGlobal("llamaRunner", {
    ...{ getView: () => Promise.resolve(STARTING), onView: listening },
    ...{ restart: verb("restart"), copyDiagnostics: verb("copy") },
    ...{ openLogs: verb("logs"), quit: verb("quit") },
  });
  vi.resetModules();
  await import("../../../electron/pages/local");
  await settle();
});

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no ${id}`);
  return found;
}

test("the words of a failure are in one place that screen readers follow, and in the title", () => {
  show(FAILED);
  const words = part("words");
  expect(words.getAttribute("role")).toBe("status");
  for (const text of [FAILED.title, FAILED.text, FAILED.detail]) {
    expect(words.textContent).toContain(text);
  }
  expect(document.title).toContain(FAILED.title);
  expect(part("page").dataset["kind"]).toBe("failed");
});

test("a view that says the same again changes nothing, so that nothing is read out twice", async () => {
  show(FAILED);
  const changes: MutationRecord[] = [];
  const observer = new MutationObserver((records) => changes.push(...records));
  const all = { childList: true, characterData: true, attributes: true, subtree: true };
  observer.observe(document.documentElement, all);
  for (let nth = 0; nth < 3; nth += 1) show({ ...FAILED, log: [...FAILED.log] });
  await settle();
  observer.disconnect();
  expect(changes).toEqual([]);
});

test("the log can be reached by keys and has a name", () => {
  show(FAILED);
  const log = part("log");
  expect(log.tabIndex).toBe(0);
  expect(log.getAttribute("role")).toBe("region");
  const name = part(log.getAttribute("aria-labelledby") ?? "");
  expect(name.textContent).not.toBe("");
  expect(part("log-part").hidden).toBe(false);
});

test("buttons are there only when they are of use", () => {
  const visible = () => [...document.querySelectorAll("button")].filter((one) => !one.hidden);
  expect(visible()).toEqual([]);
  show(FAILED);
  expect(visible().map((one) => one.id)).toEqual(["restart", "copy", "logs", "quit"]);
});

test("a button that is at work is not pressed twice, and its answer is told", async () => {
  let done: (text: string) => void = () => undefined;
  answer = () => new Promise((resolve) => (done = resolve));
  show(FAILED);
  part("copy").click();
  part("copy").click();
  expect(asked).toEqual(["copy"]);
  done("The diagnostics are in the clipboard.");
  await settle();
  expect(part("notice").textContent).toBe("The diagnostics are in the clipboard.");
  answer = () => Promise.reject(new Error("no clipboard"));
  part("copy").click();
  await settle();
  expect(asked).toEqual(["copy", "copy"]);
  expect(part("notice").textContent).toBe("no clipboard");
});
