/** The dashboard as its users see it: pages, cards, charts. */
import axe, { type AxeResults } from "axe-core";
import type { Locator, Page } from "playwright-core";

import type { EndpointState } from "@/wire/frames";

import { until } from "./until";

export const PAGES = {
  Overview: "/",
  Endpoints: "/endpoints",
  Machine: "/machine",
  Gateway: "/gateway",
  Playground: "/playground",
  Recovery: "/recovery",
  Logs: "/logs",
  Settings: "/settings",
} as const;

export class Dashboard {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  async open(path: string): Promise<void> {
    await this.page.goto(this.url + path, { waitUntil: "domcontentloaded" });
    await this.untilLive();
  }

  /** Go to another page of the dashboard as a user does, without loading anything anew. */
  async follow(page: keyof typeof PAGES): Promise<void> {
    const pages = this.page.getByRole("navigation", { name: "Pages" });
    await pages.getByRole("link", { name: page }).click();
    await this.page.getByRole("heading", { level: 1, name: page }).waitFor();
  }

  async untilLive(): Promise<void> {
    await this.page.locator("[data-link=open]").getByText("Live").waitFor();
  }

  card(name: string): Locator {
    return this.page.locator(`[data-endpoint="${name}"]`);
  }

  async untilCard(name: string, state: EndpointState): Promise<Locator> {
    const card = this.page.locator(`[data-endpoint="${name}"][data-state="${state}"]`);
    await card.waitFor();
    return card;
  }

  /** A figure on a card, as it reads. */
  async fact(name: string, fact: string): Promise<string> {
    return this.card(name).locator(`[data-fact="${fact}"] dd`).innerText();
  }

  async press(name: string, action: string): Promise<void> {
    await this.card(name)
      .getByRole("button", { name: `${action} ${name}`, exact: true })
      .click();
  }

  /** Press the button that goes ahead in the dialog that is open. */
  async confirm(label: string): Promise<void> {
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("button", { name: label }).click();
    await dialog.waitFor({ state: "hidden" });
  }

  /** What the last command on a card came to. */
  outcome(name: string): Locator {
    return this.card(name).locator(".operation:not(.tone-busy)");
  }

  /** Leave something on the page that a reload would wipe out. */
  async leaveMark(): Promise<void> {
    await this.page.evaluate(() => {
      document.documentElement.dataset["mark"] = "still here";
    });
  }

  async hasMark(): Promise<boolean> {
    return this.page.evaluate(() => document.documentElement.dataset["mark"] === "still here");
  }

  /** From now on write down each state that the card shows, also those shown for a moment. */
  async recordStates(name: string): Promise<() => Promise<string[]>> {
    const key = `states-${name}`;
    await this.card(name).evaluate((card, at) => {
      const seen: string[] = [card.getAttribute("data-state") ?? ""];
      new MutationObserver(() => {
        seen.push(card.getAttribute("data-state") ?? "");
        sessionStorage.setItem(at, JSON.stringify(seen));
      }).observe(card, { attributes: true, attributeFilter: ["data-state"] });
    }, key);
    return () =>
      this.page.evaluate((at) => JSON.parse(sessionStorage.getItem(at) ?? "[]") as string[], key);
  }

  panel(title: string): Locator {
    return this.page.getByRole("region", { name: title, exact: true });
  }

  async chooseRange(label: "1 min" | "5 min" | "15 min" | "1 h" | "24 h"): Promise<void> {
    await this.page.getByText(label, { exact: true }).click();
  }

  /** Which columns of a chart hold a piece of its line, in pixels of the page. */
  async lineColumns(title: string): Promise<boolean[]> {
    return this.panel(title).locator("canvas").evaluate(columnsWithLine);
  }

  /** Wait until something is drawn that fits; resolves with the columns that hold the line. */
  async untilDrawn(title: string, fits: (columns: boolean[]) => boolean): Promise<boolean[]> {
    return until(`the chart ${title} shows what it should`, async () => {
      const columns = await this.lineColumns(title);
      return fits(columns) && columns;
    });
  }

  /** What the stream tells plain clients of the first GPU, in percent; null when there is none. */
  async gpuLoad(): Promise<number | null> {
    return this.page.evaluate(
      async (address) => {
        const socket = new WebSocket(address);
        const message = await new Promise<MessageEvent<string>>((resolve, reject) => {
          socket.onmessage = resolve;
          socket.onerror = reject;
        });
        socket.close();
        return (JSON.parse(message.data) as { gpuUsage: number | null }).gpuUsage;
      },
      `${this.url.replace("http", "ws")}/metrics`,
    );
  }

  async scrollsSideways(): Promise<boolean> {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth > clientWidth;
    });
  }

  /** What axe finds wrong on the page as it is now: rule, and where. */
  async accessibilityProblems(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const results: AxeResults = await this.page.evaluate(() =>
      (window as unknown as { axe: typeof axe }).axe.run(document),
    );
    return results.violations.flatMap((violation) =>
      violation.nodes.map((node) => `${violation.id}: ${violation.help}: ${node.html}`),
    );
  }
}

/** Runs in the page, so it must not use anything from outside. */
function columnsWithLine(element: Element): boolean[] {
  const canvas = element as HTMLCanvasElement;
  const context = canvas.getContext("2d");
  if (context === null || canvas.width === 0) return [];
  const style = getComputedStyle(canvas);
  const palette = [1, 2, 3, 4, 5, 6].map((number) => {
    const hex = style
      .getPropertyValue(`--chart-${String(number)}`)
      .trim()
      .slice(1);
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  });
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  const columns = Array.from({ length: width }, () => false);
  for (let at = 0; at < width * height; at += 1) {
    const pixel = data.subarray(at * 4, at * 4 + 4);
    // The area under the line has its colour too, but lets most of the background through.
    const isLine = (pixel[3] ?? 0) > 120;
    const hasColour = (colour: number[]) =>
      colour.every((part, index) => Math.abs(part - (pixel[index] ?? 0)) < 24);
    if (isLine && palette.some(hasColour)) columns[at % width] = true;
  }
  return columns;
}

/** Width of what is drawn, from the first column with a piece of line to the last. */
export function drawnWidth(columns: readonly boolean[]): number {
  const first = columns.indexOf(true);
  return first < 0 ? 0 : columns.lastIndexOf(true) - first + 1;
}

/** The widest stretch without a line between two stretches with one. */
export function widestGap(columns: readonly boolean[]): number {
  const first = columns.indexOf(true);
  let widest = 0;
  let since = first;
  for (let at = first; first >= 0 && at < columns.length; at += 1) {
    if (columns[at] !== true) continue;
    widest = Math.max(widest, at - since - 1);
    since = at;
  }
  return widest;
}
