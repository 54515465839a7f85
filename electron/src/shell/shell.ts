/** The shell: brings sidecar, window, tray, menu and notifications together. Knows no Electron. */
import type { Glance } from "../api/glance";
import type { Clock } from "../clock";
import type { ShellState } from "../ipc/bridge";
import type { Answers } from "../ipc/register";
import type { SidecarState } from "../sidecar/state";
import { type Supervisor, URGENT_STOP_MS } from "../sidecar/supervisor";
import type { CommandName } from "../ui/entries";
import { menuEntries } from "../ui/menu";
import { trayView } from "../ui/tray";
import { onClose, type OnClose } from "../ui/window-options";
import { Commands } from "./commands";
import { pathOfLink } from "./deep-link";
import { type Again, ExitPath } from "./exit-path";
import { leaveBecause } from "./failure";
import { GraphicsWatch, type ProcessEnd } from "./graphics";
import { renewLogin } from "./login";
import type { Desktop, ShellWindow } from "./ports";
import type { ScreenKeeper } from "./screen-keeper";
import { onSessionQuery } from "./session-end";
import type { SettingName, Switches } from "./settings";
import type { SettingsFile } from "./settings-file";
import { Watch } from "./watch";
import { words } from "./words";

/** What never changes while the app runs. */
export interface Facts {
  readonly platform: NodeJS.Platform;
  readonly version: string;
  readonly electron: string;
  readonly system: string;
  readonly program: string;
  readonly isPackaged: boolean;
  readonly logFolder: string;
  /** Pages are drawn without the graphics card. */
  readonly isSoftware: boolean;
}

export interface ShellParts {
  readonly facts: Facts;
  readonly clock: Clock;
  readonly window: ShellWindow;
  readonly screen: ScreenKeeper;
  readonly desktop: Desktop;
  readonly supervisor: Supervisor;
  readonly settings: SettingsFile;
  readonly lookForUpdates: () => Promise<void>;
  readonly logLines: () => readonly string[];
  readonly log: (text: string) => void;
  readonly exit: (code: number, again: Again | null) => void;
}

export class Shell {
  readonly exitPath: ExitPath;
  private readonly watch: Watch;
  private readonly graphics: GraphicsWatch;
  private readonly commands: Commands;
  private state: SidecarState = { kind: "stopped", byUs: true };
  private glance: Glance | null = null;
  private hasTray = false;

  constructor(private readonly parts: ShellParts) {
    const { clock, log, exit, supervisor, settings, window } = parts;
    this.exitPath = new ExitPath({
      prepare: () => {
        this.watch.off();
        settings.change({ placement: window.placement() });
        window.hide();
      },
      stopSidecar: ({ isUrgent = false, keepModels }) =>
        supervisor.stop(
          keepModels ?? settings.current.switches.keepModels,
          ...(isUrgent ? [URGENT_STOP_MS] : []),
        ),
      exit,
      log,
      clock,
    });
    this.watch = new Watch({
      clock,
      access: () => supervisor.access,
      onGlance: (glance) => {
        this.glance = glance;
        this.draw();
      },
      onNotice: ({ title, text }) => {
        if (settings.current.switches.notifications) parts.desktop.notify(title, text);
      },
    });
    this.graphics = new GraphicsWatch(parts.facts.isSoftware);
    this.commands = new Commands({
      ...parts,
      exitPath: this.exitPath,
      state: () => this.state,
      restart: () => {
        this.restart();
      },
      lookNow: () => {
        if (this.state.kind === "running") this.watch.on();
      },
    });
  }

  /** Starts the sidecar, or takes over what one has told that was started before the window. */
  begin(): void {
    const { desktop, settings, supervisor } = this.parts;
    if (settings.wasDamaged) desktop.tell(words.notices.badSettings, "");
    const { softwareRendering, toldSoftware } = settings.current;
    if (softwareRendering && !toldSoftware) {
      settings.change({ toldSoftware: true });
      desktop.tell(words.notices.software, words.notices.softwareText);
    }
    renewLogin(this.parts);
    if (supervisor.state.kind === "stopped") supervisor.start();
    else this.sidecarChanged(supervisor.state);
  }

  /** Whether an icon in the tray would be seen: before that is known, nothing hides there. */
  trayIsSeen(isSeen: boolean): void {
    this.hasTray = isSeen;
    this.draw();
  }

  /** The sidecar's state changed. */
  sidecarChanged(state: SidecarState): void {
    const was = this.state.kind;
    this.state = state;
    this.parts.log(`sidecar: ${state.kind}`);
    if (state.kind === "running") this.rememberPort(state.origin);
    if (state.kind === "running" && was !== "running") this.watch.on();
    if (state.kind !== "running" && was === "running") this.watch.off();
    this.parts.screen.update(state);
    this.draw();
    if (state.kind === "stopped" && !state.byUs) this.exitPath.leave("the sidecar was stopped");
  }

  /** The page's process ended. */
  crashed(why: string): void {
    this.parts.log(`the page ended: ${why}`);
    this.parts.screen.crashed();
  }

  /** The dashboard did not load. */
  loadFailed(why: string): void {
    this.parts.log(`the page did not load: ${why}`);
    this.parts.screen.loadFailed();
  }

  /** The dashboard is in the window. */
  loaded(): void {
    this.parts.screen.loaded();
  }

  /** A process of Chromium's ended. Pages that cannot be drawn with the graphics card are not. */
  processGone(end: ProcessEnd): void {
    const { clock, log, settings } = this.parts;
    log(`a process ended: ${end.type}, ${end.reason}`);
    if (this.graphics.gone(end, clock.nowMs()) === "wait") return;
    // Kept at once: Chromium gives up the whole program when this goes on.
    settings.change({ softwareRendering: true, toldSoftware: false });
    this.exitPath.leave("the graphics card fails", { keepModels: true, isAgain: true });
  }

  /** Windows asks whether the session may end: true has it wait for us, and we end. */
  sessionAsks(reasons: readonly string[]): boolean {
    const { isLeaving, isOpen } = this.exitPath;
    const hasSidecar = this.parts.supervisor.pid !== null;
    const verdict = onSessionQuery({ reasons, hasSidecar, isLeaving, isOpen });
    if (hasSidecar) this.exitPath.leave("the session is to end", { isUrgent: true });
    return verdict === "delay";
  }

  /** Windows ends the session: there is no time to ask for a delay. */
  sessionEnds(): void {
    this.exitPath.leave("the session ends", { isUrgent: true });
  }

  /** An error that nobody caught. */
  failed(error: unknown): void {
    leaveBecause(error, this.parts, this.exitPath);
  }

  /** Draws menu and tray anew. */
  draw(): void {
    const { desktop, facts, settings } = this.parts;
    desktop.setTray(trayView(this.state, this.glance));
    desktop.setMenu(
      menuEntries({
        platform: facts.platform,
        switches: settings.current.switches,
        isRunning: this.state.kind === "running",
        isWatching: this.glance?.isWatching ?? true,
        hasTray: this.hasTray,
        isSoftware: settings.current.softwareRendering,
      }),
    );
  }

  /** What closing the window does now; hiding is explained the first time. */
  closing(): OnClose {
    const { facts, settings, desktop, window } = this.parts;
    const verdict = onClose({
      isLeaving: this.exitPath.isLeaving,
      platform: facts.platform,
      hidesToTray: settings.current.switches.hideToTray,
      hasTray: this.hasTray,
    });
    if (verdict === "quit") this.exitPath.leave("the window was closed");
    if (verdict !== "hide") return verdict;
    settings.change({ placement: window.placement() });
    window.hide();
    if (this.hasTray && !settings.current.toldHidden) {
      settings.change({ toldHidden: true });
      desktop.notify(words.notices.hiddenTitle, words.notices.hiddenText);
    }
    return verdict;
  }

  /** Another start of the app, or a link: the window comes to the front. */
  summon(link: string | null): void {
    if (this.exitPath.isLeaving) {
      this.exitPath.comeBack(link);
      return;
    }
    const path = link === null ? null : pathOfLink(link);
    if (link !== null && path === null) this.parts.log("a link was refused: it is none of ours");
    if (path !== null) this.parts.screen.goTo(path);
    this.parts.window.reveal();
  }

  /** Does what a menu, the tray or a page asks for; what there is to say about it is told. */
  run(command: CommandName): void {
    this.commands.run(command);
  }

  /** Starts the sidecar again, or only loads the page when that is what is broken. */
  restart(): void {
    if (this.exitPath.isLeaving || this.parts.screen.mend()) return;
    this.parts.supervisor.start();
  }

  /** Changes a switch and what follows from it. Throws what the system says against it. */
  setSwitch(name: SettingName, value: boolean): Switches {
    const { desktop, settings } = this.parts;
    if (name === "startAtLogin") desktop.setStartAtLogin(value);
    settings.flip(name, value);
    this.draw();
    return settings.current.switches;
  }

  /** The same from a menu: what is said against it is told in a dialog. */
  flipFromMenu(name: SettingName): void {
    try {
      this.setSwitch(name, !this.parts.settings.current.switches[name]);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.parts.desktop.tell(words.notices.loginRefused, why);
      this.draw();
    }
  }

  /** What pages may ask of us. */
  answers(): Answers {
    return {
      getView: () => this.parts.screen.view(),
      getState: () => this.shellState(),
      getSettings: () => this.parts.settings.current.switches,
      setSetting: ({ name, value }) => this.setSwitch(name, value),
      restart: () => {
        this.restart();
        return "";
      },
      copyDiagnostics: () => this.commands.copyDiagnostics(),
      openLogs: () => this.commands.openLogs(),
      quit: () => {
        this.run("quit");
        return "";
      },
    };
  }

  private shellState(): ShellState {
    const { version, electron, platform } = this.parts.facts;
    return { version, electron, platform, sidecar: this.state.kind };
  }

  private rememberPort(origin: string): void {
    const { settings } = this.parts;
    const port = Number(new URL(origin).port);
    if (settings.current.port !== port) settings.change({ port });
  }
}
