import { beforeEach, describe, expect, it, vi } from "vitest";

import { useAlertsStore } from "../../../frontend/src/stores/alerts";
import { useDesktopStore } from "../../../frontend/src/stores/desktop";
import { useNoticesStore } from "../../../frontend/src/stores/notices";
import { usePreferencesStore } from "../../../frontend/src/stores/preferences";
import type { Alert } from "../../../frontend/src/wire/frames";
import { alert, channel, delivery } from "../support/alerts";
import { FakeApi } from "../support/fakeApi";
import { T0 } from "../support/frames";
import { freshStores } from "../support/mountPart";

let api: FakeApi;

beforeEach(() => {
  freshStores();
  api = new FakeApi();
});

describe("alerts", () => {
  let alerts: ReturnType<typeof useAlertsStore>;

  beforeEach(async () => {
    alerts = useAlertsStore();
    const over = alert({ id: "a0", raised_ms: T0 - 5, resolved_ms: T0 });
    const body = {
      active: [alert()],
      recent: [over],
      deliveries: [delivery()],
      channels: [channel()],
    };
    api.answer("/api/alerts?limit=50", { body });
    await alerts.load();
  });

  it("that hold stand apart from those that are over", () => {
    expect(alerts.active.map((one) => one.id)).toEqual(["a1"]);
    expect(alerts.recent.map((one) => one.id)).toEqual(["a0"]);
  });

  it("end when the stream says so", () => {
    const ended = alert({ resolved_ms: T0 + 9, resolution: "recovered" });
    alerts.takeEvent({ kind: "alert", alert: ended, notify: true });
    expect(alerts.active).toEqual([]);
    expect(alerts.recent).toHaveLength(2);
  });

  it("are no longer news once somebody knows", async () => {
    expect(alerts.unseen).toHaveLength(1);
    const body = { ...alert({ acknowledged_ms: T0 }), unkept: null };
    api.answer("/api/alerts/a1/acknowledge", { body });
    await alerts.acknowledge("a1");
    expect(alerts.unseen).toEqual([]);
    expect(alerts.active).toHaveLength(1);
    expect(useNoticesStore().list).toEqual([]);
  });

  it("say when it will be forgotten that somebody knows", async () => {
    const body = { ...alert({ acknowledged_ms: T0 }), unkept: "No space left on device" };
    api.answer("/api/alerts/a1/acknowledge", { body });
    await alerts.acknowledge("a1");
    expect(alerts.unseen).toEqual([]);
    expect(useNoticesStore().list).toMatchObject([
      {
        tone: "bad",
        title: "Noted, but only until the sidecar is restarted",
        detail: expect.stringContaining("No space left on device") as string,
      },
    ]);
  });

  it("follow their messages and how well the channels work", () => {
    const failing = channel({ health: "paused", failures: 3 });
    alerts.takeEvent({ kind: "delivery", delivery: delivery({ attempts: 3 }), channel: failing });
    expect(alerts.deliveries).toMatchObject([{ id: "d1", attempts: 3 }]);
    expect(alerts.channels).toMatchObject([{ health: "paused" }]);
  });

  it("say how a test message went, also when it could not be asked for", async () => {
    const testing = alerts.test("phone");
    expect(alerts.tests.get("phone")).toBeNull();
    await testing;
    expect(alerts.tests.get("phone")).toMatchObject({ ok: false });
    api.answer("/api/alerts/test", {
      body: { channel: "phone", ok: true, reason: "sent", duration_ms: 5 },
    });
    await alerts.test("phone");
    expect(alerts.tests.get("phone")).toMatchObject({ ok: true, reason: "sent" });
  });

  it("are unknown, not empty, while the sidecar does not answer", async () => {
    api.answer("/api/alerts?limit=50", { status: 500, body: {} });
    await alerts.refresh();
    expect(alerts.known).toBe(false);
  });
});

describe("notifications of this browser", () => {
  const shown: { title: string; options: NotificationOptions }[] = [];

  function browser(answer: NotificationPermission, now: NotificationPermission = "default"): void {
    shown.length = 0;
    function show(title: string, options: NotificationOptions): void {
      shown.push({ title, options });
    }
    const requestPermission = () => Promise.resolve(answer);
    vi.stubGlobal("Notification", Object.assign(show, { permission: now, requestPermission }));
  }

  function raise(one: Alert, notify = true): void {
    useDesktopStore().takeEvent({ kind: "alert", alert: one, notify });
  }

  it("appear only after their user has turned them on", async () => {
    browser("granted");
    raise(alert());
    expect(shown).toEqual([]);
    await useDesktopStore().turnOn();
    raise(alert());
    raise(alert({ id: "a2" }), false);
    expect(shown).toMatchObject([{ title: "web has failed", options: { tag: "a1" } }]);
  });

  it("stop when they are turned off", async () => {
    browser("granted");
    await useDesktopStore().turnOn();
    useDesktopStore().turnOff();
    raise(alert());
    expect(shown).toEqual([]);
    expect(useDesktopStore().state).toBe("off");
  });

  it("stay off when the browser says no, and say so", async () => {
    browser("denied");
    await useDesktopStore().turnOn();
    expect(useDesktopStore().state).toBe("blocked");
    expect(usePreferencesStore().desktopAlerts).toBe(false);
  });

  it("are left to the window of the desktop app, but for a test", async () => {
    browser("granted");
    vi.stubGlobal("llamaRunner", {});
    await useDesktopStore().turnOn();
    raise(alert());
    expect(shown).toEqual([]);
    expect(useDesktopStore().state).toBe("window");
    raise(alert({ id: "t", rule: "test", title: "A test" }));
    expect(shown).toMatchObject([{ title: "A test" }]);
  });

  it("are told to be missing where there are none", () => {
    expect(useDesktopStore().state).toBe("unsupported");
  });
});
