import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, URL } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

import { signIn } from "./support/access";
import { checkLooks } from "./support/looks";
import { freePort } from "./support/ports";
import { isRunning } from "./support/processes";
import { PYTHON } from "./support/sidecar";
import { setStage } from "./support/stage";
import { until } from "./support/until";

const SERVER = fileURLToPath(new URL("../tools/fake_model_server.py", import.meta.url));

const port = await freePort();
const address = `http://127.0.0.1:${String(port)}`;
let server: ChildProcess;

beforeAll(async () => {
  server = spawn(PYTHON, [SERVER, "--port", String(port)], { stdio: "ignore" });
  await until("the model server answers", async () =>
    fetch(`${address}/health`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
});

afterAll(() => {
  server.kill("SIGKILL");
});

const stage = setStage({ demo: "none", isNew: true });
const found = () => stage.dashboard.page.locator(`[data-found="${address}"]`);

/** A busy computer may have open ports that take longer than one search lasts. */
async function untilFound(): Promise<void> {
  const again = stage.dashboard.page.locator("[data-test=scan]:enabled");
  await until("the model server is found", async () => {
    if (await found().isVisible()) return true;
    if (await again.isVisible()) await again.click();
    return false;
  });
}

test("a new installation shows the model servers that run here, and how to be let in", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.open("/");
  await untilFound();
  await found().getByText("llama.cpp").first().waitFor();
  await dashboard.page.getByText("llama-runner-pro open").waitFor();
  expect(existsSync(sidecar.configFile)).toBe(false);
  await checkLooks(stage, "First-run");
});

test("adding a server without being let in is refused, with what to do about it", async () => {
  const { browser, dashboard } = stage;
  await browser.whileRefused(401, async () => {
    await found().getByRole("button", { name: "Add" }).click();
    await found().getByRole("alert").getByText("llama-runner-pro open").waitFor();
  });
  expect(await dashboard.page.locator("[data-endpoint]").count()).toBe(0);
});

test("once let in, one click watches the server, and the file has it", async () => {
  const { dashboard, sidecar } = stage;
  await signIn(stage);
  await dashboard.open("/endpoints");
  await untilFound();
  await found().getByRole("button", { name: "Add" }).click();
  const name = await until("the server is configured", async () => {
    const { endpoints } = await sidecar.get<{ endpoints: { name: string; port: number | null }[] }>(
      "/api/endpoints",
    );
    return endpoints[0]?.name;
  });
  await dashboard.untilCard(name, "online");
  const config = JSON.parse(readFileSync(sidecar.configFile, "utf8")) as {
    endpoints: { name: string }[];
  };
  expect(config.endpoints.map((one) => one.name)).toEqual([name]);
  expect(JSON.stringify(config)).toContain(String(port));
});

test("the page for adding servers says what is watched already", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.open("/setup");
  await untilFound();
  await found().getByText("Watched as").waitFor();
  await checkLooks(stage, "Setup");
  await dashboard.page.goto("about:blank");
  await sidecar.stop();
  // It was only watched: its end is nobody's business but its owner's.
  expect(isRunning(server.pid ?? 0)).toBe(true);
});
