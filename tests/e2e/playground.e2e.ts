import { expect, test } from "vitest";

import type { GatewayRequests } from "@/wire/frames";

import { checkLooks } from "./support/looks";
import { setStage } from "./support/stage";
import { until } from "./support/until";

/** Chatting with the real model through the real gateway, from the page. */
const stage = setStage({ gateway: true });

function turn(state: string) {
  return stage.dashboard.page.locator(`[data-turn=assistant][data-state=${state}]`);
}

async function say(words: string, maxTokens: string): Promise<void> {
  const { page } = stage.dashboard;
  await page.locator("[data-parameter=maxTokens]").fill(maxTokens);
  await page.locator("[data-test=message]").fill(words);
  await page.locator("[data-test=message]").press("Control+Enter");
}

test("an answer is streamed, with figures of its server at the end", async () => {
  const { dashboard } = stage;
  await dashboard.open("/playground");
  await say("Tell me about the sea.", "24");
  await turn("done").waitFor();
  const figures = await turn("done").locator("[data-test=figures]").innerText();
  expect(figures).toMatch(/First token\s+[\d.]+\s(ms|s)\s+measured here/);
  expect(figures).toMatch(/Speed\s+[\d.]+\stok\/s\s+told by the server/);
  expect(await dashboard.page.locator("[data-test=message]").inputValue()).toBe("");
  await checkLooks(stage, "playground");
});

test("stopping an answer ends the generation at its server", async () => {
  const { dashboard, sidecar } = stage;
  // What the small model says at length whenever it is asked just so.
  await dashboard.page.locator("[data-test=clear]").click();
  await dashboard.page.locator("[data-parameter=temperature]").fill("0");
  await dashboard.page.locator("[data-parameter=seed]").fill("1");
  await say("Write a long story about a dragon.", "900");
  await turn("streaming").waitFor();
  await dashboard.page.keyboard.press("Escape");
  await turn("stopped").waitFor();
  await until("the gateway knows that its client went away", async () => {
    const { running, ended } = await sidecar.get<GatewayRequests>("/api/gateway/requests");
    return running.length === 0 && ended.some((one) => one.ending === "client_gone");
  });
});

test("the conversation is forgotten when told to", async () => {
  const { dashboard } = stage;
  await dashboard.page.locator("[data-test=clear]").click();
  await dashboard.page.getByText("Say something to the model").waitFor();
  expect(await dashboard.page.locator("[data-turn]").count()).toBe(0);
});

test("a refusal is told in words, and what was written is not lost", async () => {
  const { browser, dashboard, sidecar } = stage;
  const { models } = await sidecar.get<{ models: { name: string }[] }>("/api/gateway");
  const model = models[0]?.name ?? "";
  await sidecar.post("/api/gateway/breakers", { endpoint: "demo", model, action: "open" });
  await browser.whileRefused(503, async () => {
    await say("Are you there?", "8");
    await dashboard.page.locator("[data-test=problem]").waitFor();
  });
  expect(await dashboard.page.locator("[data-test=message]").inputValue()).toBe("Are you there?");
  await sidecar.post("/api/gateway/breakers", { endpoint: "demo", model, action: "reset" });
  await dashboard.page.locator("[data-test=send]").click();
  await turn("done").waitFor();
  expect(await dashboard.page.locator("[data-test=problem]").count()).toBe(0);
});
