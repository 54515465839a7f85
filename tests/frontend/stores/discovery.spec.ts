import { beforeEach, describe, expect, it } from "vitest";

import { keyOf, useDiscoveryStore } from "../../../frontend/src/stores/discovery";
import { changed, configDocument, problem } from "../support/config";
import { discovery, found } from "../support/discovery";
import { FakeApi } from "../support/fakeApi";
import { freshStores } from "../support/mountPart";

let api: FakeApi;
let store: ReturnType<typeof useDiscoveryStore>;

const SECOND = found({ url: "http://127.0.0.1:8080", pid: 7, proposal: { name: "second" } });

beforeEach(async () => {
  freshStores();
  api = new FakeApi();
  api.answer("/api/discover", { body: discovery({ found: [...discovery().found, SECOND] }) });
  store = useDiscoveryStore();
  await store.scan();
});

describe("discovery", () => {
  it("puts servers under the program that they belong to, and never offers them", () => {
    expect(store.families.map(({ server, children }) => [server.url, children.length])).toEqual([
      ["http://127.0.0.1:11434", 1],
      ["http://127.0.0.1:8080", 0],
    ]);
    expect(store.offers).toHaveLength(2);
  });

  it("adds one after the other, each as it was proposed", async () => {
    api.answer("/api/endpoints", { status: 201, body: changed(configDocument()) });
    await store.acceptAll();
    const sent = api.asked.filter((one) => one.path === "/api/endpoints").map((one) => one.body);
    expect(sent).toEqual([{ endpoint: found().proposal }, { endpoint: { name: "second" } }]);
    expect(store.offers).toEqual([]);
  });

  it("keeps why one was refused, in full", async () => {
    const problems = [{ path: "endpoints[0].port", message: "used already", hint: "take another" }];
    api.answer("/api/endpoints", problem(422, "bad_config", { problems }));
    await store.accept(keyOf(SECOND), { name: "second" });
    expect(store.refused.get(keyOf(SECOND))?.message).toContain("used already: take another");
    expect(store.offers).toHaveLength(2);
  });

  it("says why the computer could not be searched", async () => {
    api.answer("/api/discover", problem(500, "broken"));
    await store.scan();
    expect(store.failure?.message).toBe("it is broken");
    expect(store.isScanning).toBe(false);
  });
});
