import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { checkLooks } from "./support/looks";
import { freePort } from "./support/ports";
import { Receiver } from "./support/receiver";
import { demoModel } from "./support/sidecar";
import { setStage } from "./support/stage";
import { until } from "./support/until";

const folder = mkdtempSync(join(tmpdir(), "llama-runner-pro-models-"));
const modelFile = join(folder, "lost.gguf");
const receiver = await Receiver.open();

afterAll(() => {
  receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const stage = setStage({
  demo: "none",
  endpoints: [
    { name: "lost-model", kind: "embedded", port: await freePort(), model_path: modelFile },
  ],
  settings: {
    alerts: {
      endpoint_failed: { clear_for_s: 1 },
      channels: [{ name: "team", kind: "webhook", url: receiver.url }],
    },
  },
});
const page = () => stage.dashboard.page;
const part = (title: string) => page().getByRole("region", { name: title, exact: true });
const delivery = (purpose: string) =>
  part("Messages").locator("[data-delivery=sent]").filter({ hasText: purpose });

test("a model server that fails for good raises an alarm, on the bell and on its page", async () => {
  const { dashboard, sidecar } = stage;
  await sidecar.untilState("lost-model", "failed");
  await dashboard.open("/");
  await page().getByRole("link", { name: "Alerts: 1 alarm" }).click();
  await page().getByRole("heading", { level: 1, name: "Alerts" }).waitFor();
  const alarm = part("Now").locator("[data-alert]");
  await alarm.getByText("Critical").waitFor();
  await alarm.getByText("lost-model").first().waitFor();
  await delivery("Alarm").waitFor();
  expect(receiver.got).toHaveLength(1);
  expect(receiver.got[0]).toContain("lost-model");
});

test("a channel can be tried, and the page says that the message arrived", async () => {
  await page().getByRole("button", { name: "Send a test to team" }).click();
  await part("Who is told").getByText("delivered", { exact: true }).waitFor();
  expect(receiver.got).toHaveLength(2);
  expect(await page().content()).not.toContain("/hook");
  await checkLooks(stage, "Alerts");
});

test("an alarm can be marked as seen", async () => {
  await page().getByRole("button", { name: "I know: " }).click();
  await part("Now").getByText("Seen", { exact: true }).waitFor();
});

test("after the repair the alarm is over, and the channel is given the all clear", async () => {
  const { sidecar } = stage;
  copyFileSync(demoModel(), modelFile);
  await sidecar.post("/api/ai-monitor/heal", { model: "lost-model" });
  await sidecar.untilState("lost-model", "online");
  await page().getByRole("link", { name: "Alerts: none" }).waitFor();
  await page().getByText("No alarms").waitFor();
  await part("Now").locator("[data-alert]").getByText("lasted").waitFor();
  await delivery("All clear").waitFor();
  await until("the all clear arrived", () => receiver.got.length === 3);
  await checkLooks(stage, "Alerts-over");
});
