import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { signIn } from "./support/access";
import { freePort } from "./support/ports";
import { demoModel } from "./support/sidecar";
import { setStage } from "./support/stage";

interface Written {
  readonly endpoints: readonly { readonly parameters: Record<string, number> }[];
}

/** The cache of 65 536 tokens takes 1.4 GiB; that of half as many fits beside the rest. */
const stage = setStage({
  demo: "none",
  endpoints: [
    {
      name: "large",
      kind: "embedded",
      port: await freePort(),
      model_path: demoModel(),
      parameters: { "ctx-size": 65_536 },
      limits: { memory_bytes: 1_600_000_000 },
      restart: { backoff_initial_s: 0.1 },
    },
  ],
});

test.runIf(process.platform === "linux")(
  "a model that does not fit into memory comes up with the smaller parameters that a click takes on",
  async () => {
    const { dashboard, sidecar } = stage;
    await signIn(stage);
    await dashboard.open("/endpoints");
    const card = await dashboard.untilCard("large", "failed");
    await card.getByText(/ran out of memory 2 times/).waitFor();
    const [incident] = await sidecar.incidents();
    expect(incident?.evidence.oom).toMatch(/failed to allocate/);

    const offer = card.locator("[data-test=proposal]");
    await offer.getByText("use ctx-size 32768 instead of 65536").waitFor();
    await offer.getByRole("button", { name: "Apply and start" }).click();
    await dashboard.untilCard("large", "online");
    const { endpoints } = JSON.parse(readFileSync(sidecar.configFile, "utf8")) as Written;
    expect(endpoints[0]?.parameters).toEqual({ "ctx-size": 32_768 });
    expect(await card.locator("[data-test=proposal]").count()).toBe(0);
  },
);
