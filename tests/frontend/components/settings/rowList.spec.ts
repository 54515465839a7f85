import { nextTick } from "vue";
import { beforeEach, expect, test } from "vitest";

import { rowId, rowList } from "../../../../frontend/src/components/settings/rowList";

const PATH = ["endpoints", 0, "start_command"];
let rows: readonly string[];
const list = rowList<string>({
  rows: () => rows,
  put: (next) => {
    rows = next;
    draw();
  },
  path: () => PATH,
});

/** As the form draws it: a field for each row, and the button that adds one. */
function draw(): void {
  document.body.replaceChildren(
    ...rows.map((_, index) => withId("input", rowId(PATH, index))),
    withId("button", "field-endpoints[0].start_command"),
  );
}

function withId(tag: string, id: string): HTMLElement {
  const element = document.createElement(tag);
  element.id = id;
  return element;
}

async function focused(): Promise<string | undefined> {
  await nextTick();
  return document.activeElement?.id;
}

beforeEach(() => {
  rows = ["a", "b", "c"];
  draw();
});

test("a row is changed and its neighbours stay", () => {
  list.change(1, "x");
  expect(rows).toEqual(["a", "x", "c"]);
});

test("a new row comes last and has the keyboard", async () => {
  list.add("");
  expect(rows).toEqual(["a", "b", "c", ""]);
  expect(await focused()).toBe(rowId(PATH, 3));
});

test("after a row was removed the keyboard is where the next one is, or the last one", async () => {
  list.remove(0);
  expect(rows).toEqual(["b", "c"]);
  expect(await focused()).toBe(rowId(PATH, 0));
  list.remove(1);
  expect(await focused()).toBe(rowId(PATH, 0));
});

test("after the last row was removed the keyboard is at the button that adds one", async () => {
  rows = ["a"];
  draw();
  list.remove(0);
  expect(rows).toEqual([]);
  expect(await focused()).toBe("field-endpoints[0].start_command");
});
