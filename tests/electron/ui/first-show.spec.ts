import { beforeEach, expect, test } from "vitest";

import { FirstShow, LIMIT_MS } from "../../../electron/src/ui/first-show";
import { FakeClock } from "../support/fake-clock";

let clock: FakeClock;
let shown: number;
let first: FirstShow;

beforeEach(() => {
  clock = new FakeClock();
  shown = 0;
  first = new FirstShow(clock, () => {
    shown += 1;
  });
});

test("a window is shown when it is painted and wanted, whichever comes first", () => {
  first.painted();
  expect(shown).toBe(0);
  first.wanted();
  expect(shown).toBe(1);
});

test("a window that is wanted waits for its first picture", () => {
  first.wanted();
  expect(shown).toBe(0);
  first.painted();
  expect(shown).toBe(1);
  expect(clock.pending).toBe(0);
});

test("it is shown once, however often it is painted", () => {
  first.wanted();
  for (let nth = 0; nth < 3; nth += 1) first.painted();
  expect(shown).toBe(1);
});

test("a page that cannot be painted does not keep the window away for ever", () => {
  first.wanted();
  clock.pass(LIMIT_MS - 1);
  expect(shown).toBe(0);
  clock.pass(1);
  expect(shown).toBe(1);
  first.painted();
  expect(shown).toBe(1);
});

test("whoever showed or hid it meanwhile has decided", () => {
  first.wanted();
  first.decided();
  first.painted();
  clock.pass(LIMIT_MS);
  expect(shown).toBe(0);
});
