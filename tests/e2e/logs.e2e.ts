import { expect, test } from "vitest";

import { setStage } from "./support/stage";
import { until } from "./support/until";

const stage = setStage();

function log() {
  return stage.dashboard.page.getByRole("region", { name: /^Log of / });
}

/** Ask the engine for one token, which makes it write some lines. */
async function makeEngineWrite(): Promise<void> {
  const { port } = await stage.sidecar.endpoint("demo");
  const answer = await fetch(`http://127.0.0.1:${String(port)}/completion`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "Once upon a time", n_predict: 1 }),
  });
  expect(answer.ok).toBe(true);
}

test("the log shows what is there, and new lines as they are written", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.open("/logs");
  await log().getByText("demo: loading → online").waitFor();

  await sidecar.post("/api/ai-monitor/models/demo/restart");
  await log().getByText("demo: online → stopping").waitFor();
  await sidecar.untilState("demo", "online");
  await until("the whole restart is in the log", async () => {
    const lines = await log()
      .getByText(/loading → online/)
      .count();
    return lines >= 2;
  });
});

test("the filter leaves only the lines with its text, without regard to case", async () => {
  const { dashboard } = stage;
  const filter = dashboard.page.getByRole("textbox", { name: "Filter" });
  await filter.fill("STOPPING");
  await until("only matching lines are left", async () => {
    const lines = await log().getByRole("listitem").allInnerTexts();
    return lines.length > 0 && lines.every((line) => line.includes("stopping"));
  });
  await filter.fill("no line has this text");
  await dashboard.page.getByText("No line matches the filter").waitFor();
  await filter.fill("");
  await log().getByText("demo: loading → online").first().waitFor();
});

test("scrolling up stops following, and one press goes back to the newest line", async () => {
  const { dashboard } = stage;
  await dashboard.page.getByLabel("Source").selectOption("demo");
  await until("there is more than fits", async () => {
    await makeEngineWrite();
    return log().evaluate((box) => box.scrollHeight > box.clientHeight + 200);
  });
  await until("the newest line is in view", isAtEnd);

  await log().hover();
  await dashboard.page.mouse.wheel(0, -400);
  const jump = dashboard.page.getByRole("button", { name: /Jump to latest/ });
  await jump.waitFor();
  const place = await log().evaluate((box) => box.scrollTop);
  await makeEngineWrite();
  await dashboard.page.getByRole("button", { name: /Jump to latest \(\d+ new\)/ }).waitFor();
  expect(await log().evaluate((box) => box.scrollTop)).toBe(place);

  await jump.click();
  await until("the newest line is in view", isAtEnd);
  await makeEngineWrite();
  await until("it follows again", isAtEnd);
  expect(await jump.count()).toBe(0);
});

async function isAtEnd(): Promise<boolean> {
  return log().evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 24);
}
