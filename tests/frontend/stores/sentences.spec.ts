import { expect, test } from "vitest";

import { sentences } from "@/stores/sentences";

test("pieces become sentences that do not run into each other", () => {
  expect(sentences("this changes what is executed here", "run `x open` here")).toBe(
    "This changes what is executed here. Run `x open` here.",
  );
});

test("what is a sentence already stays as it is, and nothing is made of nothing", () => {
  expect(sentences("It is full. Free some space.", "", " Really? ")).toBe(
    "It is full. Free some space. Really?",
  );
  expect(sentences("", "")).toBe("");
});
