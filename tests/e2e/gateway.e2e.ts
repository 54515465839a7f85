import { createServer, type Server } from "node:net";

import { expect, test } from "vitest";

import type { GatewayRequests, GatewayView } from "@/wire/frames";

import { checkLooks } from "./support/looks";
import { setStage } from "./support/stage";
import { until } from "./support/until";

/** The gateway and its page: real clients, the real engine, real ports. */
const stage = setStage({ gateway: true });

async function chat(words = "Once upon a time"): Promise<Response> {
  return fetch(`${stage.sidecar.gatewayUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "test-client/1.0" },
    body: JSON.stringify({
      model: "demo",
      messages: [{ role: "user", content: words }],
      max_tokens: 24,
      stream: true,
    }),
  });
}

async function view(): Promise<GatewayView> {
  return stage.sidecar.get<GatewayView>("/api/gateway");
}

function row(ending: string) {
  return stage.dashboard.page.locator(`[data-request][data-ending="${ending}"]`);
}

test("before the first request the page shows how to make one", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.open("/gateway");
  await dashboard.page.getByText("No request yet").waitFor();
  const command = await dashboard.page.locator("code", { hasText: "curl" }).innerText();
  expect(command).toContain(`${sidecar.gatewayUrl}/v1/chat/completions`);
  await dashboard.page.locator("[data-door=openai][data-state=open]").waitFor();
  const address = dashboard.page.locator("[data-client=openai] code");
  expect(await address.innerText()).toBe(`${sidecar.gatewayUrl}/v1`);
});

test("a client's request appears in the list with how fast it was", async () => {
  const { dashboard } = stage;
  const answer = await chat();
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("[DONE]");
  await row("ok").first().waitFor();
  expect(await row("ok").first().innerText()).toMatch(/demo[\s\S]*OpenAI[\s\S]*\d\s?tok\/s/);
  await row("ok").first().getByRole("button").click();
  await dashboard.page.getByText("the server's timings").waitFor();
  await checkLooks(stage, "gateway");
});

test("filters leave only what is asked for", async () => {
  const { dashboard } = stage;
  await dashboard.page.locator("[data-test=filter-outcome]").selectOption("failed");
  await dashboard.page.getByText("No request fits the filters").waitFor();
  await dashboard.page.getByRole("button", { name: "Clear filters" }).click();
  await row("ok").first().waitFor();
});

test("a model is unloaded and loaded with its buttons, after saying what that means", async () => {
  const { dashboard, sidecar } = stage;
  const model = dashboard.page.locator("[data-model]").first();
  await model.and(dashboard.page.locator("[data-state=loaded]")).waitFor();
  await model.getByRole("button", { name: /^Unload/ }).click();
  await dashboard.page.getByText("The next request for it loads it again.").waitFor();
  await dashboard.confirm("Unload");
  await model.and(dashboard.page.locator("[data-state=not_loaded]")).waitFor();
  await sidecar.untilState("demo", "stopped");
  await model.getByRole("button", { name: /^Load/ }).click();
  await model.and(dashboard.page.locator("[data-state=loaded]")).waitFor();
});

test("a breaker that is opened by hand refuses requests until it is reset", async () => {
  const { dashboard } = stage;
  const breaker = dashboard.page.locator("[data-breaker=demo]");
  await breaker.getByRole("button", { name: "Force open" }).click();
  await dashboard.confirm("Force open");
  await breaker.and(dashboard.page.locator("[data-state=open]")).waitFor();
  const refused = await chat();
  expect(refused.status).toBe(503);
  await refused.text();
  await breaker.getByRole("button", { name: "Reset" }).click();
  await breaker.and(dashboard.page.locator("[data-state=closed]")).waitFor();
  const answer = await chat();
  expect(answer.status).toBe(200);
  await answer.text();
});

test("an engine that dies is healed while the page watches, and serves again", async () => {
  const { dashboard, sidecar } = stage;
  const before = await sidecar.pidOf("demo");
  process.kill(before, "SIGKILL");
  // Healing may be over before the page looks again: what counts is that it serves.
  const answer = await until("a request is served again", async () => {
    const tried = await chat();
    const words = await tried.text();
    return tried.status === 200 && words.includes("[DONE]");
  });
  expect(answer).toBe(true);
  expect(await sidecar.pidOf("demo")).not.toBe(before);
  await dashboard.page.locator("[data-model][data-state=loaded]").first().waitFor();
});

test("a page that is turned away is listed, and allowing it asks for the token", async () => {
  const { dashboard, sidecar } = stage;
  const foreign = "http://app.example";
  const refused = await fetch(`${sidecar.gatewayUrl}/v1/models`, { headers: { origin: foreign } });
  expect(refused.status).toBe(403);
  await dashboard.page.getByRole("button", { name: `Allow ${foreign}` }).click();
  await dashboard.page.getByText("llama-runner-pro open").waitFor();
});

test("a door whose port is taken moves, says so, and moves back with one click", async () => {
  const { dashboard, sidecar } = stage;
  const { port, alternative_port: other } = sidecar.doorPorts.ollama;
  const holder = await stage.browser.whileSidecarIsDown(async () => {
    await sidecar.stop();
    const server = await occupy(port);
    await sidecar.start();
    await dashboard.open("/gateway");
    return server;
  });
  const door = dashboard.page.locator("[data-door=ollama]");
  await door.and(dashboard.page.locator("[data-state=moved]")).waitFor();
  expect(await door.innerText()).toContain(`:${String(other)}`);
  expect(await door.innerText()).toContain(String(port));
  await checkLooks(stage, "gateway-moved");
  await new Promise((closed) => holder.close(closed));
  await door.locator("[data-test=reopen]").click();
  await door.and(dashboard.page.locator("[data-state=open]")).waitFor();
  const doors = (await view()).doors;
  expect(doors.find((one) => one.name === "ollama")?.actual_port).toBe(port);
});

test("the list says that it is old while nobody answers", async () => {
  const { browser, dashboard, sidecar } = stage;
  await sidecar.untilState("demo", "online");
  await (await chat()).text();
  await row("ok").first().waitFor();
  const { ended } = await sidecar.get<GatewayRequests>("/api/gateway/requests");
  expect(ended.length).toBeGreaterThan(0);
  await browser.whileSidecarIsDown(async () => {
    await sidecar.stop();
    await dashboard.page.locator("[data-test=old]").waitFor();
    expect(await row("ok").count()).toBe(ended.length);
    await sidecar.start();
    await dashboard.page.locator("[data-test=old]").waitFor({ state: "hidden" });
    await dashboard.untilLive();
  });
});

async function occupy(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  return server;
}
