import { expect, it } from "vitest";

import { bundleUrl, useBundlesStore } from "../../../frontend/src/stores/bundles";
import { FakeApi } from "../support/fakeApi";
import { freshStores } from "../support/mountPart";

it("finds the bundle of an incident and where to fetch it", async () => {
  freshStores();
  const mine = { name: "incident-i1.tar.gz", size_bytes: 10, created_ms: 1, incident_id: "i1" };
  const loose = { ...mine, name: "doctor 1.tar.gz", incident_id: null };
  new FakeApi().answer("/api/bundles", { body: { debug_mode: true, bundles: [mine, loose] } });
  const bundles = useBundlesStore();
  await bundles.load();
  expect(bundles.byIncident.get("i1")).toEqual(mine);
  expect(bundles.byIncident.size).toBe(1);
  expect(bundleUrl(loose)).toBe("/api/bundles/doctor%201.tar.gz");
});
