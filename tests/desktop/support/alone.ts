/**
 * The app as people run it: nobody has attached a debugger. Tests of how it ends need that, for
 * Node's inspector crashes a program whose debugger leaves a moment before it does, as Playwright
 * does (nodejs/node#34833). What ships cannot be debugged at all: a fuse is off.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type * as Electron from "electron";

import { until } from "../../e2e/support/until";

import { commandLine, endpointStates } from "./app";
import { type Ending, ending } from "./ending";
import { chooseFromMenu, closeWindow, type Inside } from "./inside";
import { ROOT, type World } from "./world";

const HAND = join(ROOT, "tests", "desktop", "support", "hand.cjs");
const IS_LIVE = "document.querySelector('[data-link=open]') !== null";

type Answer<Result> = { readonly result: Result } | { readonly trouble: string };

export class AloneApp implements Inside {
  private constructor(
    readonly process: ChildProcess,
    private readonly paper: string,
  ) {}

  /** Launch and wait for a live dashboard with the model online. */
  static async ready(world: World): Promise<AloneApp> {
    const app = await AloneApp.started(world, ...commandLine(world, []));
    await until("the window shows a live dashboard", () => app.#isLive());
    await until("the model is online", async () => (await app.#states())["demo"] === "online");
    return app;
  }

  /** Start this program with these words, and wait until it can be asked. */
  static async started(world: World, program: string, args: readonly string[]): Promise<AloneApp> {
    const paper = join(world.folder, "hand");
    const env = { ...world.environment(), LLAMA_RUNNER_PRO_TEST_HAND: paper };
    // Before it listens the signal would end it, and the one before may have left its word.
    rmSync(`${paper}.ready`, { force: true });
    const child = spawn(program, ["-r", HAND, ...args], { env, stdio: "ignore" });
    await until("the app can be asked", () => existsSync(`${paper}.ready`));
    return new AloneApp(child, paper);
  }

  async #isLive(): Promise<boolean> {
    try {
      const url = await this.#url();
      return url.startsWith("http:") && (await this.#ask(IS_LIVE)) === true;
    } catch (error) {
      // At first there is no window, and then it goes from its own page to the dashboard.
      if (error instanceof Error) return false;
      throw error;
    }
  }

  async #url(): Promise<string> {
    return this.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL() ?? "",
      null,
    );
  }

  async #ask(script: string): Promise<unknown> {
    return this.evaluate(
      ({ BrowserWindow }, code): unknown =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code),
      script,
    );
  }

  async #states(): Promise<Record<string, string>> {
    return endpointStates(new URL(await this.#url()).origin);
  }

  async evaluate<Given, Result>(
    act: (electron: typeof Electron, given: Given) => Result | Promise<Result>,
    given: Given,
  ): Promise<Result> {
    const [asked, said] = [`${this.paper}.asked`, `${this.paper}.answer`];
    rmSync(said, { force: true });
    writeFileSync(asked, JSON.stringify({ act: act.toString(), given }));
    this.process.kill("SIGUSR2");
    await until("the app has done what it was asked", () => existsSync(said));
    const answer = JSON.parse(readFileSync(said, "utf8")) as Answer<Result>;
    if ("trouble" in answer) throw new Error(answer.trouble);
    return answer.result;
  }

  /** Choose an entry of the application's menu. */
  async chooseFromMenu(id: string): Promise<void> {
    await chooseFromMenu(this, id);
  }

  /** Close the window, as its cross does. */
  async closeWindow(): Promise<void> {
    await closeWindow(this);
  }

  /** Wait until the app is gone. */
  async ended(): Promise<Ending> {
    return ending(this.process);
  }
}
