import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RouterView, createMemoryHistory, type Router } from "vue-router";

import { createPages } from "../../../frontend/src/router";
import { useConfigStore } from "../../../frontend/src/stores/config";
import { useNoticesStore } from "../../../frontend/src/stores/notices";
import SettingsView from "../../../frontend/src/views/SettingsView.vue";
import {
  changed,
  configDocument,
  DOCUMENT,
  MAY,
  MAY_NOT,
  problem,
  serveConfig,
} from "../support/config";
import { FakeApi } from "../support/fakeApi";
import { freshStores } from "../support/mountPart";

let api: FakeApi;
let router: Router;
let opened: VueWrapper;

beforeEach(() => {
  api = new FakeApi();
});

afterEach(() => {
  opened.unmount();
});

async function open(
  part: string,
  access = MAY,
  prepare: () => void = () => undefined,
): Promise<VueWrapper> {
  serveConfig(api, configDocument(), access);
  prepare();
  const pinia = freshStores();
  router = createPages(createMemoryHistory());
  // Loaded here already: the route's own import would be another file to wait for.
  router.addRoute({ path: "/settings", name: "settings", component: SettingsView });
  await router.push(`/settings?part=${part}`);
  opened = mount(RouterView, {
    attachTo: document.body,
    global: { plugins: [pinia, router], stubs: { transition: false } },
  });
  await flushPromises();
  return opened;
}

async function press(name: string): Promise<void> {
  await opened.get(`[data-test=${name}]`).trigger("click");
  await flushPromises();
}

function visibleDialog(): Element | undefined {
  const dialogs = [...document.querySelectorAll("[role=dialog]")];
  return dialogs.find((dialog) => dialog.querySelector("[data-test=cancel]") !== null);
}

async function confirm(): Promise<void> {
  visibleDialog()?.querySelector<HTMLElement>("[data-test=confirm]")?.click();
  await flushPromises();
}

function asked(method: string): unknown {
  return api.asked.findLast((one) => one.method === method)?.body;
}

describe("the settings of a model server", () => {
  it("show its command line by rows and its secrets as dots, and send both back", async () => {
    const page = await open("endpoints");
    await press("edit");
    const rows = page.findAll("[data-field='endpoints.0.start_command'] input");
    expect(rows.map((row) => (row.element as HTMLInputElement).value)).toEqual([
      "serve",
      "--port",
      "${PORT}",
    ]);
    await rows[0]?.setValue("other");
    api.answer("/api/config", { body: changed(configDocument({ version: "v2" })) });
    await press("save");
    const [web] = (asked("PUT") as { document: typeof DOCUMENT }).document["endpoints"] as object[];
    expect(web).toMatchObject({
      start_command: ["other", "--port", "${PORT}"],
      headers: { Authorization: "•••" },
    });
    expect(useNoticesStore().list).toMatchObject([{ tone: "good", title: "Saved" }]);
  });

  it("mark every refused field and lead to it", async () => {
    const page = await open("endpoints");
    await press("edit");
    await page.get("[id='field-endpoints[0].port']").setValue("99999");
    const problems = [
      { path: "endpoints[0].port", message: "too large", hint: "at most 65535" },
      { path: "alerts.channels[0].name", message: "missing", hint: "" },
    ];
    api.answer("/api/config", problem(422, "bad_config", { problems }));
    await press("save");
    expect(asked("PUT")).toMatchObject({ document: { endpoints: [{ port: 99999 }, {}] } });
    expect(page.get("[id='field-endpoints[0].port']").attributes("aria-invalid")).toBe("true");
    expect(page.text()).toContain("2 problems");
    await page.get(".problem-summary button").trigger("click");
    await flushPromises();
    expect(document.activeElement?.id).toBe("field-endpoints[0].port");
  });

  it("are removed only after the consequence was named", async () => {
    const page = await open("endpoints");
    await page.findAll("[data-test=remove]")[1]?.trigger("click");
    await flushPromises();
    expect(visibleDialog()?.textContent).toContain("Its process is then stopped");
    await confirm();
    expect(useConfigStore().draft["endpoints"]).toHaveLength(1);
    expect(api.asked.some((one) => one.method === "PUT")).toBe(false);
  });

  it("warn when others depend on it", async () => {
    await open("endpoints");
    await press("remove");
    expect(visibleDialog()?.textContent).toContain("chat depends on it");
  });

  it("can be added and copied", async () => {
    await open("endpoints");
    await press("add-endpoint");
    expect(document.activeElement?.id).toBe("field-endpoints[2].name");
    await press("duplicate");
    expect(useConfigStore().at(["endpoints", 3, "name"])).toBe("web copy");
  });
});

describe("a browser that has not shown the token", () => {
  it("may look, is told what to do, and finds nothing to press", async () => {
    const page = await open("endpoints", MAY_NOT);
    expect(page.text()).toContain("llama-runner-pro open");
    expect(page.find("[data-test=save]").exists()).toBe(false);
    expect(page.find("[data-test=remove]").exists()).toBe(false);
    await press("edit");
    expect(page.get("fieldset.editor").attributes("disabled")).toBeDefined();
  });

  it("is let in as soon as it has", async () => {
    const page = await open("endpoints", MAY_NOT);
    api.answer("/api/session", { body: MAY });
    await press("again");
    expect(page.find("[data-test=save]").exists()).toBe(true);
  });
});

describe("a number", () => {
  it("counts as a change while it is typed, so that the first click saves, and stays as typed", async () => {
    const page = await open("general");
    const input = page.get<HTMLInputElement>("[id='field-check_interval']");
    input.element.value = "7.";
    await input.trigger("input");
    expect(useConfigStore().at(["check_interval"])).toBe(7);
    expect(page.get("[data-test=save]").attributes("disabled")).toBeUndefined();
    expect(input.element.value).toBe("7.");
    await input.trigger("blur");
    expect(input.element.value).toBe("7");
  });
});

describe("unsaved changes", () => {
  it("are not left behind without asking", async () => {
    await open("general");
    await opened.get("[id='field-check_interval']").setValue("7");
    void router.push("/logs");
    await flushPromises();
    expect(router.currentRoute.value.path).toBe("/settings");
    expect(visibleDialog()?.textContent).toContain("Leave without saving?");
    visibleDialog()?.querySelector<HTMLElement>("[data-test=cancel]")?.click();
    await flushPromises();
    expect(useConfigStore().isDirty).toBe(true);
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(true);
  });

  it("stand beside what somebody else has saved", async () => {
    const page = await open("general");
    await page.get("[id='field-check_interval']").setValue("7");
    api.answer("/api/config", {
      body: configDocument({ version: "v2", document: { ...DOCUMENT, check_interval: 9 } }),
    });
    await useConfigStore().takeEvent({
      kind: "config",
      version: "v2",
      origin: "api",
      problems: [],
    });
    await flushPromises();
    expect(page.get(".conflict tbody").text()).toBe("check_interval79");
    expect(page.get("[data-test=save]").attributes("disabled")).toBeDefined();
    await press("keep-mine");
    expect(page.get("[data-test=save]").attributes("disabled")).toBeUndefined();
  });
});

describe("raw JSON", () => {
  it("goes into the draft when it is valid, and says where it is not", async () => {
    const page = await open("raw");
    const area = page.get("textarea");
    await area.setValue('{"check_interval": 8}');
    expect(useConfigStore().draft).toEqual({ check_interval: 8 });
    await area.setValue('{"check_interval": }');
    expect(page.get("#raw-state").text()).toContain("Line 1, column 20");
    expect(page.get("[data-test=save]").attributes("disabled")).toBeDefined();
  });
});

describe("backups", () => {
  it("are restored after a yes", async () => {
    await open("backups");
    await press("restore");
    api.answer("/api/config/rollback", { body: changed(configDocument({ version: "v0" })) });
    await confirm();
    expect(asked("POST")).toEqual({ backup: "b1" });
  });
});

it("offers another try when the configuration could not be loaded", async () => {
  const page = await open("endpoints", MAY, () => {
    api.answer("/api/config", problem(500, "broken"));
  });
  expect(page.text()).toContain("The configuration could not be loaded.");
  expect(page.text()).toContain("Try again");
});
