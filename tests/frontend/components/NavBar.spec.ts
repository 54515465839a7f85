import { flushPromises } from "@vue/test-utils";
import { expect, it, vi } from "vitest";

import NavBar from "../../../frontend/src/components/NavBar.vue";
import { useConfigStore } from "../../../frontend/src/stores/config";
import { freshStores, mountPart } from "../support/mountPart";

it("opens the pages that have no room on a phone, and closes them again", async () => {
  const bar = mountPart(NavBar);
  const more = bar.get("[data-test=more-pages]");
  expect(more.attributes("aria-expanded")).toBe("false");
  await more.trigger("click");
  expect(more.attributes("aria-expanded")).toBe("true");
  await bar.trigger("keydown", { key: "Escape" });
  expect(more.attributes("aria-expanded")).toBe("false");
  await more.trigger("click");
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  await flushPromises();
  expect(more.attributes("aria-expanded")).toBe("false");
  bar.unmount();
});

it("closes them when one was chosen", async () => {
  const bar = mountPart(NavBar);
  const more = bar.get("[data-test=more-pages]");
  await more.trigger("click");
  await bar.get("a.later[href='/logs']").trigger("click");
  // The page is loaded when it is first asked for.
  await vi.waitFor(
    () => {
      expect(more.attributes("aria-expanded")).toBe("false");
      expect(more.classes()).toContain("here");
    },
    { timeout: 20_000 },
  );
  bar.unmount();
}, 30_000);

it("tells how many things behind the button need attention", () => {
  const pinia = freshStores();
  const config = useConfigStore();
  config.fileProblems = [{ path: "x", message: "y", hint: "" }];
  const bar = mountPart(NavBar, {}, { pinia });
  expect(bar.get("[data-test=more-pages]").text()).toContain("1 needs attention");
  bar.unmount();
});
