/** The desktop app in a real Electron, used from outside as a person does. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { _electron, type ElectronApplication, type Page } from "playwright-core";

import { Dashboard } from "../../e2e/support/dashboard";
import { PATIENCE_MS, until } from "../../e2e/support/until";

import { type Ending, ending } from "./ending";
import { chooseFromMenu, closeWindow } from "./inside";
import { ROOT, type World } from "./world";

/** Screenshots; ignored by git. */
const PICTURES = join(ROOT, ".build", "desktop");
const HOLD = join(ROOT, "tests", "desktop", "support", "hold.cjs");
/** Root may not use Chromium's sandbox, and drawing needs no graphics card here. */
const NO_SANDBOX = "--no-sandbox";
export const FLAGS: readonly string[] = [NO_SANDBOX, "--disable-gpu"];

/** Where a picture goes, under `.build/desktop`. */
export function picturePath(name: string): string {
  mkdirSync(PICTURES, { recursive: true });
  return join(PICTURES, `${name}.png`);
}

/** The program and what it is given so that it runs our app. */
export function commandLine(world: World, more: readonly string[]): [string, string[]] {
  const folder = process.env["LLAMA_RUNNER_PRO_ELECTRON"];
  if (!folder) {
    throw new Error(
      "LLAMA_RUNNER_PRO_ELECTRON must name an Electron's folder; `npm test` finds one and sets it",
    );
  }
  return [join(folder, "electron"), [ROOT, ...FLAGS, `--user-data-dir=${world.userData}`, ...more]];
}

/** Start the app a second time, as a click on its icon or on a link does, and wait for its end. */
export async function startAgain(world: World, ...more: readonly string[]): Promise<Ending> {
  const [program, args] = commandLine(world, more);
  return ending(spawn(program, args, { env: world.environment(), stdio: "ignore" }));
}

/** Start the app without anybody inside, and with Chromium's process for the graphics card. */
export function startAlone(world: World): ChildProcess {
  const [program, args] = commandLine(world, []);
  const flags = args.filter((flag) => !FLAGS.includes(flag));
  return spawn(program, [...flags, NO_SANDBOX], { env: world.environment(), stdio: "ignore" });
}

/** Each endpoint's state, as the sidecar at this address tells; none while it does not answer. */
export async function endpointStates(url: string): Promise<Record<string, string>> {
  const answer = await fetch(`${url}/api/endpoints`).catch(() => null);
  if (answer?.ok !== true) return {};
  const { endpoints } = (await answer.json()) as { endpoints: { name: string; state: string }[] };
  return Object.fromEntries(endpoints.map(({ name, state }) => [name, state]));
}

export class DesktopApp {
  private constructor(
    readonly world: World,
    readonly electron: ElectronApplication,
    /** The page in the window, whatever it shows. */
    readonly page: Page,
  ) {}

  static async launch(world: World, ...more: readonly string[]): Promise<DesktopApp> {
    const [executablePath, args] = commandLine(world, more);
    const electron = await _electron.launch({
      executablePath,
      args: ["-r", HOLD, ...args],
      env: world.environment(),
      timeout: PATIENCE_MS,
    });
    electron.context().setDefaultTimeout(PATIENCE_MS);
    return new DesktopApp(world, electron, await electron.firstWindow());
  }

  /** Launch and wait for a live dashboard with the model online. */
  static async ready(world: World): Promise<DesktopApp> {
    const app = await DesktopApp.launch(world);
    await app.untilDashboard();
    await until("the model is online", async () => (await app.states())["demo"] === "online");
    return app;
  }

  get process(): ChildProcess {
    return this.electron.process();
  }

  /** Where the sidecar serves; read from the page, for the app need not get the port it wished. */
  get url(): string {
    return new URL(this.page.url()).origin;
  }

  /** Wait until the window shows the dashboard, connected to its sidecar. */
  async untilDashboard(): Promise<Dashboard> {
    await this.page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\//);
    const dashboard = new Dashboard(this.page, this.url);
    await dashboard.untilLive();
    return dashboard;
  }

  /** Wait until the window shows the app's own page about what went wrong; gives all its words. */
  async untilFailure(): Promise<string> {
    await this.page.locator("#page[data-kind=failed]").waitFor();
    return this.page.locator("#page").innerText();
  }

  /** Each endpoint's state, as the sidecar tells. */
  async states(): Promise<Record<string, string>> {
    return endpointStates(this.url);
  }

  /** Choose an entry of the application's menu. */
  async chooseFromMenu(id: string): Promise<void> {
    await chooseFromMenu(this.electron, id);
  }

  /** Close the window, as its cross does. */
  async closeWindow(): Promise<void> {
    await closeWindow(this.electron);
  }

  /** The process that shows the window's page; null while none does. */
  async pageProcess(): Promise<number | null> {
    return this.electron.evaluate(({ BrowserWindow }) => {
      const page = BrowserWindow.getAllWindows()[0]?.webContents;
      const isThere = page !== undefined && !page.isCrashed() && !page.isLoading();
      return isThere ? page.getOSProcessId() : null;
    });
  }

  /** Run a script in the window's page through the main process, also after the page has crashed. */
  async ask(script: string): Promise<unknown> {
    return this.electron.evaluate(
      ({ BrowserWindow }, code): unknown =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code),
      script,
    );
  }

  /** Wait until the app is gone. */
  async ended(): Promise<Ending> {
    return ending(this.process);
  }

  /** Take a picture of the window's page. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: picturePath(name) });
  }
}
