import { beforeEach, describe, expect, it } from "vitest";

import { matching, useFleetStore } from "../../../frontend/src/stores/fleet";
import { endpointNames } from "../../../frontend/src/stores/hostFields";
import { FakeApi } from "../support/fakeApi";
import { fleet, host } from "../support/history";
import { freshStores } from "../support/mountPart";

const PATH = "/api/fleet";
let api: FakeApi;

beforeEach(() => {
  freshStores();
  api = new FakeApi();
});

describe("the fleet", () => {
  it("is worth a page once there is more than this computer, or a store of several", async () => {
    const store = useFleetStore();
    expect(store.isWorthAPage).toBe(false);
    api.answer(PATH, { body: fleet([host("here")], { backend: "embedded" }) });
    await store.load();
    expect(store.isWorthAPage).toBe(false);
    expect(store.thisHost).toBe("here");
    api.answer(PATH, { body: fleet([host("here")]) });
    await store.load();
    expect(store.isWorthAPage).toBe(true);
  });

  it("keeps what it knows when asking once more fails", async () => {
    const store = useFleetStore();
    api.answer(PATH, { body: fleet([host("here")]) });
    await store.load();
    api.answer(PATH, { status: 500, body: {} });
    await store.load();
    expect(store.hosts.map((one) => one.host)).toEqual(["here"]);
    expect(store.problem).not.toBeNull();
  });

  it("finds hosts by their name and by what is wrong with them", () => {
    const hosts = [host("gpu-1"), host("gpu-2", { problems: ["GPU memory is full"] })];
    const found = (filter: string) => matching(hosts, filter).map((one) => one.host);
    expect(found("")).toEqual(["gpu-1", "gpu-2"]);
    expect(found("GPU-1")).toEqual(["gpu-1"]);
    expect(found("memory gpu")).toEqual(["gpu-2"]);
  });
});

describe("what is recorded of another host", () => {
  it("names its endpoints, also those with a slash", () => {
    const names = ["endpoint/demo/rss_bytes", "model/a/b/slots_busy", "cpu_usage_pct"];
    const fields = names.map((name) => ({ name, unit: "", label: "", group: "", kind: "gauge" }));
    expect(endpointNames(fields)).toEqual(["a/b", "demo"]);
  });
});
