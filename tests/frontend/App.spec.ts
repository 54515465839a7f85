import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, type Router } from "vue-router";

import App from "../../frontend/src/App.vue";
import { createPages } from "../../frontend/src/router";
import { FakeApi } from "./support/fakeApi";
import { FakeServer, FakeSocket } from "./support/fakeServer";
import { endpoint, event, hello, incident, snapshot, T0, tick } from "./support/frames";

let server: FakeServer;
let router: Router;
let page: VueWrapper;

beforeEach(async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, now: T0 });
  server = new FakeServer();
  vi.stubGlobal(
    "WebSocket",
    class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols[0] ?? "");
        server.sockets.push(this);
      }
    },
  );
  const pinia = createPinia();
  setActivePinia(pinia);
  router = createPages(createMemoryHistory());
  await router.push("/");
  page = mount(App, {
    attachTo: document.body,
    global: { plugins: [pinia, router] },
  });
  server.socket.accept();
  server.tell(hello(), snapshot({ endpoints: [endpoint()] }));
  await settle();
});

afterEach(() => {
  page.unmount();
  vi.useRealTimers();
});

async function settle(ms = 50): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await flushPromises();
}

async function press(key: string): Promise<void> {
  window.dispatchEvent(new KeyboardEvent("keydown", { key }));
  await settle();
}

function words(): string {
  return page.text().replaceAll("\u00a0", " ");
}

describe("the page", () => {
  it("says that it is live and shows the servers and the charts", () => {
    expect(page.get("[data-link]").text()).toContain("Live");
    expect(words()).toContain("It is online");
    expect(page.findAll(".panel")).toHaveLength(6);
    expect(words()).toContain("No open incidents");
  });

  it("counts down to the next attempt when the link is lost, and retries when asked", async () => {
    server.socket.drop();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await settle(9000);
      if (page.get("[data-link]").attributes("data-link") === "connecting") server.socket.drop();
      await settle(0);
    }
    expect(page.get("[data-link]").text()).toMatch(/Reconnecting in \d+ s/);
    expect(words()).toContain("What you see is the last known state.");
    const before = server.sockets.length;
    await page.get("[data-link] button").trigger("click");
    expect(server.sockets).toHaveLength(before + 1);
  });

  it("pauses on Space, counts new samples and goes live again", async () => {
    await press(" ");
    server.tell(tick(11, { 0: 99 }), tick(12, { 0: 98 }));
    await settle();
    expect(words()).toContain("Paused, 2 new samples");
    expect(words()).not.toContain("98 %");
    await page.get("[data-test=pause]").trigger("click");
    expect(words()).toContain("98 %");
    expect(words()).not.toContain("Paused");
  });

  it("shows its keys, and leaves single keys alone once they are switched off", async () => {
    await press("?");
    const dialog = page.get("[role=dialog]");
    expect(dialog.text()).toContain("Pause, or go live");
    await dialog.get("input[role=switch]").setValue(false);
    await press(" ");
    expect(words()).not.toContain("Paused");
  });

  it("switches the theme for the whole document", async () => {
    await press("t");
    await press("t");
    expect(document.documentElement.classList.contains("dark")).toBe(true);
    await press("t");
    expect(document.documentElement.classList.contains("dark")).toBe(false);
  });

  it("warns when nobody watches, and turns watching on", async () => {
    const api = new FakeApi();
    api.succeed("/api/ai-monitor/start");
    server.tell(event(6, { kind: "monitoring", active: false, debug_mode: false }));
    await settle();
    const banner = page.get(".banner");
    expect(banner.text()).toContain("Monitoring is off");
    await banner.get("button").trigger("click");
    await settle();
    expect(page.find(".banner").exists()).toBe(false);
    expect(api.asked).toHaveLength(1);
  });

  it("tells screen readers politely of a change of state, once for many", async () => {
    const changed = (state: "healing" | "online") =>
      ({ kind: "endpoint", endpoint: endpoint({ state }) }) as const;
    server.tell(event(6, changed("healing")));
    await settle(100);
    server.tell(event(7, changed("online")));
    await settle(100);
    expect(page.get("[data-test=announcer]").text()).toBe("");
    await settle(3000);
    expect(page.get("[data-test=announcer]").text()).toBe("demo is now online.");
  });

  it("shows an open incident on the overview and in the navigation", async () => {
    const steps = [{ step: "start", t_ms: T0, ok: null, duration_ms: null, detail: "" }];
    server.tell(event(6, { kind: "incident", incident: incident({ steps }) }));
    await settle();
    const open = page.get(".open-incidents");
    expect(open.text()).toContain("Started");
    expect(open.get("li a").attributes("href")).toBe("/recovery?incident=i1");
    expect(page.get("nav").text()).toContain("1 needs attention");
  });

  it("says that there is no such page", async () => {
    await router.push("/nowhere");
    await settle();
    await vi.dynamicImportSettled();
    await settle();
    expect(words()).toContain("There is no such page");
  });
});
