import { spawn, type ChildProcess } from "node:child_process";

import { afterAll, beforeAll, expect, test } from "vitest";

import { freePort } from "./support/ports";
import { isRunning } from "./support/processes";
import { PYTHON } from "./support/sidecar";
import { setStage } from "./support/stage";
import { until } from "./support/until";

const takenPort = await freePort();
let holder: ChildProcess;

beforeAll(async () => {
  const argv = ["-m", "http.server", String(takenPort), "--bind", "127.0.0.1"];
  holder = spawn(PYTHON, argv, { stdio: "ignore" });
  await until("the other program listens", () => listens(takenPort));
});

afterAll(() => {
  holder.kill("SIGKILL");
});

const stage = setStage({
  demo: "none",
  endpoints: [
    {
      name: "no-model",
      kind: "embedded",
      port: await freePort(),
      model_path: "/nowhere/none.gguf",
    },
    { name: "no-port", kind: "embedded", port: takenPort, model_path: "/nowhere/none.gguf" },
  ],
});

test("a model server whose model file is missing has failed, and its card says which file", async () => {
  const { dashboard } = stage;
  await dashboard.open("/endpoints");
  const card = await dashboard.untilCard("no-model", "failed");
  await card.getByText("/nowhere/none.gguf").waitFor();
  const reason = await card.locator(".reason").innerText();
  expect(reason.split("\n")).toHaveLength(1);
});

test("a port held by another program is named with that program, which is left alone", async () => {
  const { dashboard, sidecar } = stage;
  const pid = holder.pid ?? 0;
  await dashboard.press("no-port", "Heal");
  const card = await dashboard.untilCard("no-port", "failed");
  const words = new RegExp(
    `port ${String(takenPort)} is held by python[\\d.]* \\(pid ${String(pid)}\\)`,
  );
  await card.locator(".reason").getByText(words).waitFor();
  await dashboard.outcome("no-port").getByText(words).waitFor();
  const [incident] = await sidecar.incidents();
  expect(incident).toMatchObject({ endpoint: "no-port", outcome: "failed" });
  expect(isRunning(pid)).toBe(true);
  expect(await listens(takenPort)).toBe(true);
});

async function listens(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${String(port)}/`).then(
    (answer) => answer.ok,
    () => false,
  );
}
