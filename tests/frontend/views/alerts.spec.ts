import { flushPromises } from "@vue/test-utils";
import { beforeEach, expect, it } from "vitest";

import AlertBell from "../../../frontend/src/components/AlertBell.vue";
import { useAlertsStore } from "../../../frontend/src/stores/alerts";
import AlertsView from "../../../frontend/src/views/AlertsView.vue";
import { alert, channel, delivery } from "../support/alerts";
import { FakeApi } from "../support/fakeApi";
import { T0 } from "../support/frames";
import { freshStores, mountPart } from "../support/mountPart";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi();
  const over = alert({ id: "a0", resolved_ms: T0 + 61_000, resolution_text: "It serves again." });
  const deliveries = [delivery({ state: "failed", attempts: 5, reason: "refused" })];
  const body = { active: [alert()], recent: [over], deliveries, channels: [channel()] };
  api.answer("/api/alerts?limit=50", { body });
});

it("shows alarms, who is told, and whether messages arrived", async () => {
  const page = mountPart(AlertsView, {}, { pinia: freshStores() });
  await flushPromises();
  expect(page.findAll("[data-alert]")).toHaveLength(2);
  expect(page.text()).toContain("It serves again.");
  expect(page.get("[data-delivery=failed]").text()).toContain("refused");
  expect(page.text()).toContain("This browser cannot show notifications.");
  api.answer("/api/alerts/test", {
    body: { channel: "phone", ok: false, reason: "no route", duration_ms: 9 },
  });
  await page.get("[data-test=test-channel]").trigger("click");
  await flushPromises();
  expect(page.get(".result").text()).toBe("no route");
});

it("counts alarms at the bell, quietly once somebody knows", async () => {
  const pinia = freshStores();
  const bell = mountPart(AlertBell, {}, { pinia });
  const alerts = useAlertsStore();
  await alerts.load();
  await flushPromises();
  expect(bell.get("a").attributes("aria-label")).toBe("Alerts: 1 alarm");
  expect(bell.get(".count").classes()).not.toContain("quiet");
  alerts.takeEvent({ kind: "alert", alert: alert({ acknowledged_ms: T0 }), notify: false });
  await flushPromises();
  expect(bell.get(".count").classes()).toContain("quiet");
});

it("notes with one click that somebody knows of all of them", async () => {
  const active = [alert(), alert({ id: "a2" }), alert({ id: "a3", acknowledged_ms: T0 })];
  const body = { active, recent: [], deliveries: [], channels: [] };
  api.answer("/api/alerts?limit=50", { body });
  const page = mountPart(AlertsView, {}, { pinia: freshStores() });
  await flushPromises();
  for (const id of ["a1", "a2"]) {
    const body = { ...alert({ id, acknowledged_ms: T0 }), unkept: null };
    api.answer(`/api/alerts/${id}/acknowledge`, { body });
  }
  const all = page.get("[data-test=acknowledge-all]");
  expect(all.text()).toBe("I know all 2");
  await all.trigger("click");
  await flushPromises();
  expect(page.find("[data-test=acknowledge]").exists()).toBe(false);
  expect(page.find("[data-test=acknowledge-all]").exists()).toBe(false);
});
