import { expect, it } from "vitest";

import { segmentsOf } from "../../../../frontend/src/components/playground/segments";

const kinds = (text: string) =>
  segmentsOf(text).map(({ kind, text: content, language }) => [kind, content, language]);

it("tells code from prose and keeps every blank of it", () => {
  expect(kinds("Look:\n```python\ndef f():\n    pass\n```\nDone.")).toEqual([
    ["prose", "Look:", ""],
    ["code", "def f():\n    pass", "python"],
    ["prose", "Done.", ""],
  ]);
});

it("takes a block that still grows for code", () => {
  expect(kinds("```\nfirst")).toEqual([["code", "first", ""]]);
});

it("ends a block only with a fence of its own kind and length", () => {
  expect(kinds("````\n```\n~~~\n````")).toEqual([["code", "```\n~~~", ""]]);
});
