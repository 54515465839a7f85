/** How a browser is let in, and what is done with the token beside it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import type { ConfigDocument } from "@/wire/frames";

import { command } from "./cli";
import type { Sidecar } from "./sidecar";
import type { Stage } from "./stage";

/** Let the browser in as its user does: with the link that the command prints. */
export async function signIn({ sidecar, browser }: Stage): Promise<void> {
  const said = await command("open", "--print", "--data-dir", sidecar.dataDir);
  expect(said).toMatchObject({ code: 0, stderr: "" });
  const [link = ""] = said.stdout.split("\n");
  expect(link).toContain(`${sidecar.url}/session/`);
  await browser.page.goto(link, { waitUntil: "domcontentloaded" });
  expect(await mayChange(browser.page.url(), browser)).toBe(true);
}

async function mayChange(from: string, browser: Stage["browser"]): Promise<boolean> {
  expect(from).not.toContain("/session/");
  return browser.page.evaluate(async () => {
    const answer = await fetch("/api/session");
    return ((await answer.json()) as { may_change: boolean }).may_change;
  });
}

/** Change the configuration as another program does that knows the token. */
export async function saveElsewhere(
  sidecar: Sidecar,
  change: (document: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const { version, document } = await sidecar.get<ConfigDocument>("/api/config");
  const token = readFileSync(join(sidecar.dataDir, "run", "token"), "utf8").trim();
  const answer = await fetch(`${sidecar.url}/api/config`, {
    method: "PUT",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ version, document: change(document) }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}
