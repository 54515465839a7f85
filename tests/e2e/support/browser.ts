/** A real Chromium with a profile of its own, and everything that goes wrong on its pages. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, URL } from "node:url";

import { chromium, type BrowserContext, type Page } from "playwright-core";

import { PATIENCE_MS } from "./until";

/** Screenshots; ignored by git. */
export const PICTURES = fileURLToPath(new URL("../../../.build/e2e", import.meta.url));
export const LAPTOP = { width: 1366, height: 768 };
export const TABLET = { width: 768, height: 1024 };
export const PHONE = { width: 390, height: 844 };
export const WALL = { width: 3840, height: 2160 };

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
];
/** What a browser says while there is nobody to talk to. */
const NOBODY_THERE =
  /ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/;

export class Browser {
  readonly #context: BrowserContext;
  readonly #profile: string;
  #problems: string[] = [];
  #expected: RegExp | null = null;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
    context.on("page", (page) => {
      this.#watch(page);
    });
    for (const page of context.pages()) this.#watch(page);
  }

  static async launch(): Promise<Browser> {
    const program = process.env["LLAMA_RUNNER_PRO_CHROMIUM"];
    if (!program) {
      throw new Error(
        "LLAMA_RUNNER_PRO_CHROMIUM must name a Chromium; `npm test` finds one and sets it",
      );
    }
    const profile = mkdtempSync(join(tmpdir(), "llama-runner-pro-browser-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: program,
      args: FLAGS,
      viewport: LAPTOP,
      locale: "en-GB",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Browser(context, profile);
  }

  /** The first page, on which most tests work. */
  get page(): Page {
    const page = this.#context.pages()[0];
    if (page === undefined) throw new Error("the browser has no page");
    return page;
  }

  /** One more page with the same profile; whoever asks for it closes it. */
  async newPage(): Promise<Page> {
    return this.#context.newPage();
  }

  #watch(page: Page): void {
    page.on("console", (message) => {
      if (message.type() === "error") this.#note(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => {
      this.#note(`error on the page: ${error.stack ?? error.message}`);
    });
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // A page that is left gives up what it was still loading.
      if (why !== "net::ERR_ABORTED") this.#note(`request failed: ${request.url()} ${why}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) {
        this.#note(`answer ${String(response.status())}: ${response.url()}`);
      }
    });
  }

  #note(problem: string): void {
    if (this.#expected?.test(problem) === true) return;
    this.#problems.push(problem);
  }

  /** What went wrong since the last time this was asked. */
  takeProblems(): string[] {
    const problems = this.#problems;
    this.#problems = [];
    return problems;
  }

  /** While this runs, the page may say that nobody answers. */
  async whileSidecarIsDown<T>(act: () => Promise<T>): Promise<T> {
    return this.#whileExpected(NOBODY_THERE, act);
  }

  /** While this runs, the sidecar may refuse what it is asked, with this status. */
  async whileRefused<T>(status: number, act: () => Promise<T>): Promise<T> {
    return this.#whileExpected(
      new RegExp(`answer ${String(status)}:|status of ${String(status)} `),
      act,
    );
  }

  async #whileExpected<T>(problems: RegExp, act: () => Promise<T>): Promise<T> {
    this.#expected = problems;
    try {
      return await act();
    } finally {
      this.#expected = null;
    }
  }

  /** Take a picture of the page under `.build/e2e`. */
  async picture(name: string, folder = "failures"): Promise<string> {
    const path = join(PICTURES, folder, `${name.replaceAll(/[^\w.-]+/g, "-")}.png`);
    mkdirSync(join(path, ".."), { recursive: true });
    await this.page.screenshot({ path, fullPage: true });
    return path;
  }

  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 3 });
  }
}
