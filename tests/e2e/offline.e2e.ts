import { expect, test } from "vitest";

import { freePort } from "./support/ports";
import { enginesOn } from "./support/processes";
import { demoModel } from "./support/sidecar";
import { setStage } from "./support/stage";

/** Nothing starts it by itself a second time, so that it stays offline once it has ended. */
const stage = setStage({
  demo: "none",
  endpoints: [
    {
      name: "once",
      kind: "embedded",
      port: await freePort(),
      model_path: demoModel(),
      restart: { policy: "never" },
    },
  ],
});

test("Start brings a model server back that ended and is not to be healed", async () => {
  const { dashboard, sidecar } = stage;
  const before = await sidecar.untilState("once", "online");
  await dashboard.open("/endpoints");
  await dashboard.untilCard("once", "online");
  process.kill(before.pid ?? 0, "SIGKILL");
  await dashboard.untilCard("once", "offline");
  expect(enginesOn(before.port ?? 0)).toEqual([]);

  await dashboard.press("once", "Start");
  await dashboard.untilCard("once", "online");
  const after = await sidecar.endpoint("once");
  expect(after.pid).not.toBe(before.pid);
  expect(enginesOn(after.port ?? 0)).toEqual([after.pid]);
});
