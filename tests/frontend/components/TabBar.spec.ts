import { expect, it } from "vitest";

import TabBar from "../../../frontend/src/components/TabBar.vue";
import { mountPart } from "../support/mountPart";

it("moves between tabs by arrow keys, round the ends", async () => {
  const tabs = [
    { id: "a", label: "A" },
    { id: "b", label: "B", count: 2 },
  ];
  const bar = mountPart(TabBar, { tabs, selected: "a", label: "Parts", idPrefix: "p" });
  const list = bar.get("[role=tablist]");
  await list.trigger("keydown", { key: "ArrowLeft" });
  await list.trigger("keydown", { key: "ArrowRight" });
  await list.trigger("keydown", { key: "Home" });
  await list.trigger("keydown", { key: "x" });
  expect(bar.emitted("select")).toEqual([["b"], ["b"], ["a"]]);
  expect(bar.get("[data-tab=b]").text()).toBe("B 2");
  expect(bar.findAll("[role=tab]").map((tab) => tab.attributes("tabindex"))).toEqual(["0", "-1"]);
});
