import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test, vi } from "vitest";

import { useNoticesStore } from "@/stores/notices";

const titles = () => useNoticesStore().list.map((notice) => notice.title);

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
});

test("saving twice is told once", () => {
  const notices = useNoticesStore();
  notices.show("good", "Saved", "first");
  notices.show("good", "Saved", "second");
  expect(notices.list.map((notice) => notice.detail)).toEqual(["second"]);
});

test("good news gives way to trouble that follows, trouble stays beside other trouble", () => {
  const notices = useNoticesStore();
  notices.show("good", "Saved");
  notices.show("bad", "Not saved");
  expect(titles()).toEqual(["Not saved"]);
  notices.show("bad", "Not loaded");
  notices.show("good", "Switched on");
  expect(titles()).toEqual(["Not saved", "Not loaded", "Switched on"]);
});

test("a refusal does not stand below the good news of before", async () => {
  const notices = useNoticesStore();
  notices.show("good", "Saved");
  expect(await notices.attempt("Not saved", () => Promise.resolve())).toBe(true);
  expect(titles()).toEqual([]);
});
