import { describe, expect, it } from "vitest";

import { ShortcutReader, type Command } from "../../../frontend/src/components/shortcuts";

function press(key: string, within = "<p></p>", more: KeyboardEventInit = {}): Command | null {
  return pressAll([key], within, more).at(-1) ?? null;
}

function pressAll(
  keys: readonly string[],
  within = "<p></p>",
  more: KeyboardEventInit = {},
): (Command | null)[] {
  document.body.innerHTML = within;
  const target = document.body.querySelector("[data-here]") ?? document.body.firstElementChild;
  const reader = new ShortcutReader();
  const read: (Command | null)[] = [];
  target?.addEventListener("keydown", (event) => read.push(reader.read(event as KeyboardEvent)));
  for (const key of keys) target?.dispatchEvent(new KeyboardEvent("keydown", { key, ...more }));
  return read;
}

describe("ShortcutReader", () => {
  it.each([
    [" ", "pause"],
    ["?", "help"],
    ["t", "theme"],
    ["r", "retry"],
    ["/", "filter"],
    ["2", "range2"],
    ["x", null],
  ])("takes %j for %s", (key, command) => {
    expect(press(key)).toBe(command);
  });

  it("goes to a page by g and its letter", () => {
    expect(pressAll(["g", "r"])).toEqual([null, "recovery"]);
    expect(pressAll(["g", "l", "r"])).toEqual([null, "logs", "retry"]);
  });

  it("leaves keys to the fields in which people type", () => {
    for (const field of ["<input />", "<textarea></textarea>", "<select></select>"]) {
      expect(press("t", field)).toBeNull();
      expect(press("?", field)).toBeNull();
    }
  });

  it("leaves Space to buttons, links and what scrolls, but not letters", () => {
    for (const place of ["<button></button>", '<a href="#"></a>', '<div role="region"></div>']) {
      expect(press(" ", place)).toBeNull();
      expect(press("t", place)).toBe("theme");
    }
  });

  it("is silent in dialogs and for keys of the browser", () => {
    expect(press("t", '<div role="dialog"><b data-here></b></div>')).toBeNull();
    expect(press("r", "<p></p>", { ctrlKey: true })).toBeNull();
    expect(press("r", "<p></p>", { metaKey: true })).toBeNull();
  });
});
