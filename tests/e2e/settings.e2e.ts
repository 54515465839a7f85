import { readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import { saveElsewhere, signIn } from "./support/access";
import { checkLooks } from "./support/looks";
import { freePort } from "./support/ports";
import { enginesOn } from "./support/processes";
import { setStage } from "./support/stage";
import { until } from "./support/until";

interface Written {
  readonly check_interval: number;
  readonly endpoints: readonly { readonly name: string; readonly port: number }[];
}

const stage = setStage();
const page = () => stage.dashboard.page;
const field = (place: string) => page().locator(`[data-field="${place}"]`);
const input = (place: string) => field(place).locator("input");
const saving = () => page().locator("[data-test=save]");
const inFile = () => JSON.parse(readFileSync(stage.sidecar.configFile, "utf8")) as Written;

/** Write as a person does: the field is left afterwards. */
async function write(place: string, words: string): Promise<void> {
  await input(place).fill(words);
  await input(place).press("Tab");
}

async function save(): Promise<void> {
  await saving().click();
  await page().getByText("No changes", { exact: true }).waitFor();
}

async function openPart(part: string): Promise<void> {
  await page().getByRole("tab", { name: part }).click();
}

test("who was not let in can read the settings, is told why and what to do", async () => {
  const { dashboard } = stage;
  await dashboard.open("/settings");
  await page().getByText("You can look, but not change anything yet").waitFor();
  await page().getByText("llama-runner-pro open").waitFor();
  await page().getByRole("button", { name: "Show demo" }).click();
  expect(await input("endpoints.0.port").isDisabled()).toBe(true);
  expect(await saving().count()).toBe(0);
  await checkLooks(stage, "Settings-locked");
});

test("the link lets the browser in: another port is saved, is in force, and is in the file", async () => {
  const { dashboard, sidecar } = stage;
  const before = await sidecar.endpoint("demo");
  const port = await freePort();
  await signIn(stage);
  await dashboard.open("/settings");
  await page().getByRole("button", { name: "Edit demo" }).click();
  await write("endpoints.0.port", String(port));
  await page().getByText("Unsaved changes", { exact: true }).waitFor();
  await save();
  const after = await sidecar.untilState("demo", "online");
  expect(after.port).toBe(port);
  expect(after.pid).not.toBe(before.pid);
  expect(enginesOn(port)).toEqual([after.pid]);
  expect(enginesOn(before.port ?? 0)).toEqual([]);
  expect(inFile().endpoints[0]?.port).toBe(port);
});

test("a value that cannot be is refused at its field, and what ran before runs on", async () => {
  const { browser, sidecar } = stage;
  const before = await sidecar.endpoint("demo");
  const written = readFileSync(sidecar.configFile, "utf8");
  await write("endpoints.0.port", "99999");
  await browser.whileRefused(422, async () => {
    await saving().click();
    await field("endpoints.0.port").locator(".form-problems li").first().waitFor();
  });
  await page().getByRole("alert").getByText("endpoints[0].port").waitFor();
  expect(await input("endpoints.0.port").getAttribute("aria-invalid")).toBe("true");
  await checkLooks(stage, "Settings-problem");
  expect(readFileSync(sidecar.configFile, "utf8")).toBe(written);
  const after = await sidecar.endpoint("demo");
  expect(after).toMatchObject({ state: "online", pid: before.pid, port: before.port });
  await page().getByRole("button", { name: "Discard changes" }).click();
});

test("when somebody else saves first, both versions are shown and mine can be kept", async () => {
  const { sidecar } = stage;
  await openPart("General");
  await write("check_interval", "2");
  await saveElsewhere(sidecar, (document) => ({ ...document, check_interval: 3 }));
  const conflict = page().getByRole("alert").filter({ hasText: "Somebody else has saved" });
  await conflict.getByRole("row", { name: "check_interval 2 3" }).waitFor();
  expect(await saving().isDisabled()).toBe(true);
  await checkLooks(stage, "Settings-conflict");
  await conflict.getByRole("button", { name: "Keep mine" }).click();
  await save();
  expect(inFile().check_interval).toBe(2);
});

test("a change of the file is taken over by the page; a broken file is told and changes nothing", async () => {
  const { sidecar } = stage;
  const { pid } = await sidecar.endpoint("demo");
  writeFileSync(sidecar.configFile, JSON.stringify({ ...inFile(), check_interval: 4 }));
  await until("the page shows the new value", async () => {
    return (await input("check_interval").inputValue()) === "4";
  });
  const good = readFileSync(sidecar.configFile, "utf8");
  writeFileSync(sidecar.configFile, JSON.stringify({ ...inFile(), check_interval: -1 }));
  await page().getByText("The configuration file was edited and cannot be used").waitFor();
  await page().getByRole("alert").getByText("check_interval").waitFor();
  expect(await sidecar.endpoint("demo")).toMatchObject({ state: "online", pid });
  writeFileSync(sidecar.configFile, good);
  await page().getByText("The configuration file was edited").waitFor({ state: "hidden" });
});

test("a backup brings back what was saved before", async () => {
  const { dashboard, sidecar } = stage;
  await write("check_interval", "5");
  await save();
  expect(inFile().check_interval).toBe(5);
  await openPart("Backups");
  await checkLooks(stage, "Settings-backups");
  await page().getByRole("button", { name: "Restore the configuration of" }).first().click();
  await dashboard.confirm("Restore it");
  await until("the file is the one of before", () => inFile().check_interval === 4);
  await openPart("General");
  await until(
    "the page shows it",
    async () => (await input("check_interval").inputValue()) === "4",
  );
  expect(await sidecar.endpoint("demo")).toMatchObject({ state: "online" });
});

test.for(["General", "Alerts", "Raw JSON", "This browser"])(
  "the part %s can be used by everybody and fits on a telephone",
  async (part) => {
    await openPart(part);
    await checkLooks(stage, `Settings-${part}`);
  },
);
