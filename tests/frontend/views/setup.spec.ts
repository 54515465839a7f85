import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { beforeEach, describe, expect, it } from "vitest";

import SetupView from "../../../frontend/src/views/SetupView.vue";
import { changed, configDocument, MAY, MAY_NOT, problem } from "../support/config";
import { discovery } from "../support/discovery";
import { FakeApi } from "../support/fakeApi";
import { freshStores, mountPart } from "../support/mountPart";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi();
  api.answer("/api/session", { body: MAY });
  api.answer("/api/discover", { body: discovery() });
});

async function open(): Promise<VueWrapper> {
  const page = mountPart(SetupView, {}, { pinia: freshStores() });
  await flushPromises();
  return page;
}

function bodies(): unknown[] {
  return api.asked.filter((one) => one.path === "/api/endpoints").map((one) => one.body);
}

describe("adding what was found", () => {
  it("shows what runs, whose child it is, and what could be started with what", async () => {
    const page = await open();
    expect(page.findAll("[data-found]")).toHaveLength(1);
    expect(page.get("[data-found] .children").text()).toContain("Belongs to Ollama");
    expect(page.get("[data-installed] .command").text()).toBe(
      "/usr/bin/llama-server\n--port\n${PORT}",
    );
    expect(page.get("[data-found] .models").text()).toContain("and 1 more");
  });

  it("adds all that runs with one click", async () => {
    api.answer("/api/endpoints", { status: 201, body: changed(configDocument()) });
    const page = await open();
    await page.get("[data-test=add-all]").trigger("click");
    await flushPromises();
    expect(bodies()).toEqual([{ endpoint: { name: "ollama", kind: "ollama", port: 11434 } }]);
    expect(page.get("[data-found]").text()).toContain("Added");
  });

  it("adds an installed program once what it needs is filled in", async () => {
    api.answer("/api/endpoints", { status: 201, body: changed(configDocument()) });
    const page = await open();
    const card = page.get("[data-installed]");
    expect(card.get("[data-test=add]").attributes("disabled")).toBeDefined();
    await card.get("input").setValue("/models/small.gguf");
    await card.get("[data-test=add]").trigger("click");
    await flushPromises();
    expect(bodies()).toMatchObject([{ endpoint: { model_path: "/models/small.gguf" } }]);
  });

  it("says in full why something was not added", async () => {
    const problems = [{ path: "endpoints[0].name", message: "used already", hint: "another name" }];
    api.answer("/api/endpoints", problem(422, "bad_config", { problems }));
    const page = await open();
    await page.get("[data-found] [data-test=add]").trigger("click");
    await flushPromises();
    expect(page.get("[role=alert]").text()).toContain("used already: another name");
  });

  it("offers the demo when nothing was found, and searches again", async () => {
    api.answer("/api/discover", { body: discovery({ found: [], installed: [] }) });
    const page = await open();
    expect(page.text()).toContain("No model server was found");
    expect(page.text()).toContain("llama-runner-pro serve --demo");
    api.answer("/api/discover", { body: discovery() });
    await page.get("[data-test=scan]").trigger("click");
    expect(page.find("progress").exists()).toBe(true);
    await flushPromises();
    expect(page.findAll("[data-found]")).toHaveLength(1);
  });

  it("says how to get the right to add when this browser has none", async () => {
    api.answer("/api/session", { body: MAY_NOT });
    const page = await open();
    expect(page.text()).toContain("llama-runner-pro open");
    expect(page.find("[data-test=add-all]").exists()).toBe(false);
  });
});
