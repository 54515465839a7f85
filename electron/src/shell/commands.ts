/** What menus, the tray and pages can ask for. */
import type { SidecarState } from "../sidecar/state";
import type { CommandName } from "../ui/entries";
import { diagnosticsText } from "./diagnostics";
import type { ExitPath } from "./exit-path";
import { give, type Order } from "./orders";
import type { ShellParts } from "./shell";
import { words } from "./words";

export interface CommandParts extends Omit<ShellParts, "clock" | "exit"> {
  readonly exitPath: ExitPath;
  readonly state: () => SidecarState;
  readonly restart: () => void;
  /** Has tray and menu follow at once what the sidecar was told to do. */
  readonly lookNow: () => void;
}

export class Commands {
  constructor(private readonly parts: CommandParts) {}

  /** Does what a menu, the tray or a page asks for; what there is to say about it is told. */
  run(command: CommandName): void {
    Promise.resolve()
      .then(this.actions[command])
      .then((told) => {
        if (typeof told === "string" && told !== "") this.parts.desktop.tell(told, "");
      })
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        this.parts.log(`${command}: ${why}`);
        this.parts.desktop.tell(words.notices.callFailed, why);
      });
  }

  /** Copies the diagnostics and gives what to tell about it. */
  async copyDiagnostics(): Promise<string> {
    const { desktop, facts, logLines, screen } = this.parts;
    const log = logLines();
    await desktop.copy(
      diagnosticsText({ ...facts, state: this.parts.state(), view: screen.view(), log }),
    );
    return words.notices.copied;
  }

  /** Gives what to tell when it does not work, or nothing. */
  async openLogs(): Promise<string> {
    const why = await this.parts.desktop.openFolder(this.parts.facts.logFolder);
    return why === "" ? "" : words.notices.noFolder(why);
  }

  /** Tries the graphics card again, which takes a new start of the window. */
  private tryGraphics(): void {
    this.parts.settings.change({ softwareRendering: false, toldSoftware: false });
    this.parts.exitPath.leave("the graphics card is tried again", {
      keepModels: true,
      isAgain: true,
    });
  }

  private readonly actions: Readonly<Record<CommandName, () => unknown>> = {
    open: () => {
      this.parts.window.reveal();
    },
    settings: () => {
      this.parts.screen.goTo("/settings");
      this.parts.window.reveal();
    },
    heal: () => this.order("heal"),
    pause: () => this.order("pause"),
    resume: () => this.order("resume"),
    graphics: () => {
      this.tryGraphics();
    },
    restart: () => {
      this.parts.restart();
    },
    logs: () => this.openLogs(),
    diagnostics: () => this.copyDiagnostics(),
    updates: () => this.parts.lookForUpdates(),
    quit: () => {
      this.parts.exitPath.leave("asked for");
    },
  };

  private async order(order: Order): Promise<void> {
    await give(order, this.parts.supervisor.access);
    this.parts.lookNow();
  }
}
