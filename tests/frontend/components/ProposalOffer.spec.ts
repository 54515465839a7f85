import { flushPromises } from "@vue/test-utils";
import { beforeEach, describe, expect, it } from "vitest";

import EndpointCard from "../../../frontend/src/components/EndpointCard.vue";
import { useNoticesStore } from "../../../frontend/src/stores/notices";
import type { Proposal } from "../../../frontend/src/wire/frames";
import { configDocument, serveConfig } from "../support/config";
import { FakeApi } from "../support/fakeApi";
import { endpoint } from "../support/frames";
import { freshStores, mountPart } from "../support/mountPart";

const APPLY = "/api/ai-monitor/models/web/accept-proposal";
const SMALLER: Proposal = {
  kind: "parameters",
  summary: "use a smaller context",
  port: null,
  parameters: { "ctx-size": 2048 },
};

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi();
  const document = { endpoints: [{ name: "web", parameters: { "ctx-size": 8192 } }] };
  serveConfig(api, configDocument({ document }));
});

async function card(proposal: Proposal) {
  const pinia = freshStores();
  const view = endpoint({ name: "web", state: "failed", reason: "out of memory", proposal });
  const wrapper = mountPart(EndpointCard, { endpoint: view }, { pinia });
  await flushPromises();
  return wrapper;
}

describe("a proposal on a card", () => {
  it("shows exactly what would change, then makes the change for a click", async () => {
    api.succeed(APPLY);
    const wrapper = await card(SMALLER);
    expect(wrapper.get("[data-test=proposal] li").text()).toBe("ctx-size: 8192 → 2048");
    await wrapper.get("[data-test=apply]").trigger("click");
    await flushPromises();
    expect(api.asked.at(-1)).toMatchObject({ method: "POST", path: APPLY });
    expect(useNoticesStore().list).toMatchObject([{ tone: "good" }]);
  });

  it("names the port now and then", async () => {
    const wrapper = await card({ ...SMALLER, kind: "port", port: 8587, parameters: {} });
    expect(wrapper.get("[data-test=proposal] li").text()).toBe("Port: 8081 → 8587");
  });

  it("says why it was not made", async () => {
    const wrapper = await card(SMALLER);
    await wrapper.get("[data-test=apply]").trigger("click");
    await flushPromises();
    expect(useNoticesStore().list).toMatchObject([{ tone: "bad" }]);
    expect(wrapper.get("[data-test=apply]").attributes("disabled")).toBeUndefined();
  });
});

it("says whom an endpoint waits for, and what comes next", () => {
  const pinia = freshStores();
  const waiting = endpoint({
    state: "healing",
    waiting_for: "db",
    step: "graceful_stop",
    next_step: "start",
  });
  const words = mountPart(EndpointCard, { endpoint: waiting }, { pinia }).text();
  expect(words).toContain("Waits for db");
  expect(words).toContain("Next: Started");
});
