import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath, URL } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

import { LAPTOP, PHONE, TABLET, WALL } from "./support/browser";
import { PAGES } from "./support/dashboard";
import { freePort } from "./support/ports";
import { PYTHON } from "./support/sidecar";
import { setStage } from "./support/stage";
import { until } from "./support/until";

/** Pictures of every page for people to look at, with something on them worth seeing. */
const LONG = "mistral_small_24b_instruct_2501_q5_k_m_on_the_machine_in_the_cellar";
const SERVER = fileURLToPath(new URL("../tools/fake_model_server.py", import.meta.url));
const longPort = await freePort();
let server: ChildProcess;

beforeAll(() => {
  server = spawn(PYTHON, [SERVER, "--port", String(longPort)], { stdio: "ignore" });
});

afterAll(() => {
  server.kill("SIGKILL");
});

const stage = setStage({
  gateway: true,
  endpoints: [
    { name: LONG, kind: "llamacpp", url: `http://127.0.0.1:${String(longPort)}` },
    { name: "broken", kind: "embedded", port: await freePort(), model_path: "/nowhere/none.gguf" },
  ],
});

test("a model works, is killed and healed, so that there is something to see", async () => {
  const { sidecar } = stage;
  await stage.dashboard.open("/");
  const { port, pid } = await sidecar.endpoint("demo");
  await generate(port ?? 0);
  process.kill(pid ?? 0, "SIGKILL");
  await until("it has been healed", async () => {
    const now = await sidecar.endpoint("demo");
    return now.state === "online" && now.pid !== pid;
  });
  await generate(port ?? 0);
});

test.for([
  { look: "light", colorScheme: "light", size: LAPTOP },
  { look: "dark", colorScheme: "dark", size: LAPTOP },
  { look: "tablet-dark", colorScheme: "dark", size: TABLET },
  { look: "phone", colorScheme: "light", size: PHONE },
  { look: "phone-dark", colorScheme: "dark", size: PHONE },
] as const)("every page can be looked at: $look", async ({ look, colorScheme, size }) => {
  const { browser, dashboard } = stage;
  await dashboard.page.setViewportSize(size);
  await dashboard.page.emulateMedia({ colorScheme });
  for (const [name, path] of Object.entries(PAGES)) {
    await dashboard.open(path);
    if (name === "Overview") {
      await dashboard.chooseRange("1 min");
      // Charts are drawn once they have been in view.
      for (const panel of ["CPU", "Memory", "Network", "Disk", "Generation"]) {
        await dashboard.panel(panel).scrollIntoViewIfNeeded();
        await dashboard.untilDrawn(panel, (columns) => columns.includes(true));
      }
    }
    await dashboard.page.evaluate(() => {
      window.scrollTo(0, 0);
    });
    await browser.picture(`${name}-${look}`, "screens");
    expect(await dashboard.scrollsSideways(), name).toBe(false);
    expect(await dashboard.page.evaluate(hiddenOutsideTheirList), name).toEqual([]);
    if (size === PHONE) {
      expect(await dashboard.page.evaluate(tooSmallForFingers), name).toEqual([]);
    }
  }
});

test("on a 4K screen everything grows, down to the smallest word and icon", async () => {
  const { browser, dashboard } = stage;
  await dashboard.page.setViewportSize(WALL);
  await dashboard.page.emulateMedia({ colorScheme: "light" });
  for (const [name, path] of Object.entries(PAGES)) {
    await dashboard.open(path);
    await dashboard.page.getByRole("heading", { level: 1 }).first().waitFor();
    await browser.picture(`${name}-wall`, "screens");
    expect(await dashboard.page.evaluate(leftBehind), name).toEqual([]);
    expect(await dashboard.scrollsSideways(), name).toBe(false);
  }
});

/**
 * Words for screen readers alone that do not move with the list they are in: the page would grow
 * with a list that scrolls by itself. Runs in the page.
 */
function hiddenOutsideTheirList(): string[] {
  return [...document.querySelectorAll<HTMLElement>("main .visually-hidden")].flatMap((hidden) => {
    let list = hidden.parentElement;
    while (list !== null && !/auto|scroll/.test(getComputedStyle(list).overflowY)) {
      list = list.parentElement;
    }
    if (hidden.getClientRects().length === 0 || list === null) return [];
    return list.contains(hidden.offsetParent) ? [] : [hidden.outerHTML.slice(0, 120)];
  });
}

/**
 * What a finger would miss, of what is pressed; links within a sentence are as high as its lines.
 * Runs in the page.
 */
function tooSmallForFingers(): string[] {
  const LEAST_PX = 44;
  const pressed = "a[href], button, select, textarea, summary, label:has(input), input";
  return [...document.querySelectorAll<HTMLElement>(pressed)].flatMap((element) => {
    const { width, height, bottom } = element.getBoundingClientRect();
    const isHidden = width === 0 || height === 0 || bottom <= 0;
    const isInText = element.tagName === "A" && getComputedStyle(element).display === "inline";
    const isPartOfLabel = element.tagName === "INPUT" && element.closest("label") !== null;
    if (isHidden || isInText || isPartOfLabel || height >= LEAST_PX) return [];
    return [`${String(Math.round(height))} px: ${element.outerHTML.slice(0, 120)}`];
  });
}

/** What is small beside the text of the page; runs in the page. */
function leftBehind(): string[] {
  const rootPx = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const leastWord = 0.68 * rootPx;
  const leastIcon = 0.75 * rootPx;
  const words = [...document.querySelectorAll("body *")].filter(
    (element) =>
      element.closest(".visually-hidden") === null &&
      element.getBoundingClientRect().width > 0 &&
      [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()) &&
      parseFloat(getComputedStyle(element).fontSize) < leastWord,
  );
  const icons = [...document.querySelectorAll(".tool-icon")].filter((icon) => {
    const { width } = icon.getBoundingClientRect();
    return width > 0 && width < leastIcon;
  });
  return [...words, ...icons].map((element) => element.outerHTML.slice(0, 120));
}

async function generate(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${String(port)}/completion`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "Once upon a time", n_predict: 48 }),
  });
  expect(answer.ok).toBe(true);
}
