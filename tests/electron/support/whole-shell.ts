import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ScreenKeeper } from "../../../electron/src/shell/screen-keeper";
import { SettingsFile } from "../../../electron/src/shell/settings-file";
import { Shell } from "../../../electron/src/shell/shell";
import { Recorder } from "./recorder";
import { settle } from "./settle";
import { SupervisedWorld } from "./world";

export const LOCAL = "data:text/html,local";

/** The shell with all its parts, a sidecar that answers over HTTP, and a desktop that writes down. */
export class WholeShell {
  readonly recorder = new Recorder();
  readonly world: SupervisedWorld;
  readonly settings: SettingsFile;
  readonly shell: Shell;
  /** What the sidecar was asked, method and path. */
  readonly asked: string[] = [];
  readonly exits: string[] = [];
  readonly logged: string[] = [];
  /** What the sidecar answers. */
  incidents: unknown[] = [];
  alerts: unknown[] = [];
  isWatching = true;
  private readonly server: Server;
  private readonly folder = mkdtempSync(join(tmpdir(), "llama-runner-pro-whole-"));

  constructor() {
    const { recorder } = this;
    this.server = createServer((request, response) => {
      this.asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
      response.end(JSON.stringify(this.answer(request.url ?? "")));
    });
    this.world = new SupervisedWorld({
      changed: (state) => {
        this.shell.sidecarChanged(state);
      },
    });
    const { clock, supervisor } = this.world;
    this.settings = new SettingsFile(join(this.folder, "desktop.json"), "linux", () => undefined);
    this.shell = new Shell({
      facts: {
        ...{ platform: "linux", version: "1", electron: "45", system: "linux", program: "/p" },
        ...{ isPackaged: true, isSoftware: false, logFolder: "/logs" },
      },
      ...{ clock, window: recorder, desktop: recorder, supervisor, settings: this.settings },
      screen: new ScreenKeeper({ window: recorder, localPage: LOCAL, clock, log: () => [] }),
      lookForUpdates: () => {
        recorder.did.push("updates");
        return Promise.resolve();
      },
      logLines: () => ["line"],
      log: (text) => this.logged.push(text),
      exit: (code, again) =>
        this.exits.push(`${code} ${again === null ? "" : `again ${again.link ?? ""}`}`.trim()),
    });
  }

  /** Where the sidecar listens. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The notifications that were shown. */
  get notices(): string[] {
    return this.recorder.did.filter((step) => step.startsWith("notify"));
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Until the sidecar runs and has been looked at once. */
  async bringUp(hasTray = false): Promise<void> {
    this.shell.trayIsSeen(hasTray);
    this.shell.begin();
    await settle();
    this.world.child.listen(this.port);
    this.world.child.say({ event: "ready" });
    await until(() => this.asked.some((line) => line.includes("alerts")));
  }

  /** The sidecar stops as it was asked to, or because somebody else asked it. */
  async sidecarStops(): Promise<void> {
    await settle();
    this.world.child.say({ event: "stopped" });
    this.world.child.exit(0, null);
    await settle();
  }

  private answer(path: string): unknown {
    if (path.includes("incidents")) return { incidents: this.incidents };
    if (path.includes("alerts")) return { active: this.alerts, recent: [], channels: [] };
    const counts = { online_models: 1, total_models: 1, models: {} };
    return { data: { overall_status: "healthy", monitoring_active: this.isWatching, ...counts } };
  }
}

/** Waits for real sockets; gives up loudly in the end. */
export async function until(isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error(`it never came to be: ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await settle();
}
