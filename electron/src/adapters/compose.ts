/** Builds the shell from its parts, once Electron is ready. */
import { app } from "electron";
import { join } from "node:path";

import { systemClock } from "../clock";
import { registerVerbs } from "../ipc/register";
import type { Again } from "../shell/exit-path";
import { wordsAgain } from "../shell/flags";
import { LogFile } from "../shell/log-file";
import { ScreenKeeper } from "../shell/screen-keeper";
import { SettingsFile } from "../shell/settings-file";
import { type Facts, Shell } from "../shell/shell";
import { hasTrayHost } from "../shell/tray-host";
import { words } from "../shell/words";
import { LogTail } from "../sidecar/log-tail";
import type { Supervisor } from "../sidecar/supervisor";
import { trayIcon, windowIcon } from "../ui/icons";
import { firstAppearance } from "../ui/window-options";
import { Updates } from "../updates/updates";
import { type Claim, setupGraphics, setupIdentity } from "./claim";
import { ElectronDesktop } from "./desktop";
import { BUNDLE, findFacts, localPageUrl } from "./facts";
import { guardPages, guardSession, type Watched } from "./guards";
import { electronWire } from "./ipc";
import { setupLeaving, type Uncaught } from "./leaving";
import { Login } from "./login";
import { newSupervisor } from "./sidecar";
import { installedRoute, updateEngine } from "./updater";
import { ElectronWindow } from "./window";

/**
 * Starts the sidecar and opens the window; everything after that is events. The sidecar comes
 * first: it gets ready while Electron does.
 */
export async function compose(claim: Claim, uncaught: Uncaught): Promise<void> {
  const found = findFacts();
  const logFile = new LogFile(found.logFolder);
  const log = (text: string): void => {
    logFile.write("shell", text);
  };
  log(`start of ${found.version} on Electron ${found.electron}, ${found.system}`);
  const path = join(app.getPath("userData"), "desktop.json");
  const settings = new SettingsFile(path, found.platform, log);
  const facts = { ...found, isSoftware: setupGraphics(settings.current.softwareRendering) };
  const tail = new LogTail();
  let core: Shell | null = null;
  const supervisor = newSupervisor({
    program: facts.program,
    settings: () => settings.current,
    changed: (state) => core?.sidecarChanged(state),
    logged: (line) => {
      logFile.write("sidecar", tail.add(line));
    },
  });
  supervisor.start();
  setupIdentity(facts.isPackaged);
  await app.whenReady();
  const { shell, window, updates } = setupShell({
    ...{ facts, log, settings, tail, supervisor },
    isHidden: claim.flags.isHidden,
  });
  core = shell;
  setupLeaving(shell.exitPath);
  uncaught.listen((error) => {
    shell.failed(error);
  });
  app.on("child-process-gone", (_event, end) => {
    shell.processGone(end);
  });
  shell.begin();
  const isSeen = facts.platform !== "linux" || (await hasTrayHost());
  shell.trayIsSeen(isSeen);
  window.appear(firstAppearance(claim.flags.isHidden, isSeen));
  updates.begin();
  claim.listen((link) => {
    shell.summon(link);
  });
  if (claim.flags.link !== null) shell.summon(claim.flags.link);
}

type Log = (text: string) => void;

/** What is there before the window is. */
interface Basis {
  readonly facts: Facts;
  readonly log: Log;
  readonly settings: SettingsFile;
  readonly tail: LogTail;
  readonly supervisor: Supervisor;
  readonly isHidden: boolean;
}

/** The parts know one another through the shell alone, which is there before any of them acts. */
function setupShell({ facts, log, settings, tail, supervisor, isHidden }: Basis) {
  const desktop = setupDesktop(facts, () => shell);
  const localPage = localPageUrl();
  const places = () => ({ origin: supervisor.access?.origin ?? null, localPage });
  const watched: Watched = {
    places,
    accessOf: (id) => (id === window.contents.id ? supervisor.access : null),
    mayOpenPlain: (url) => {
      const { links } = words;
      return desktop.confirm(links.openTitle, links.openText(url), links.open, links.cancel);
    },
    log,
  };
  guardPages(watched);
  guardSession(watched);
  const window = new ElectronWindow(
    settings.current.placement,
    join(BUNDLE, "preload.cjs"),
    join(BUNDLE, "icons", windowIcon(facts.platform)),
    isHidden,
  );
  const clock = systemClock;
  const logLines = () => tail.lines();
  const screen = new ScreenKeeper({ window, localPage, clock, log: logLines });
  const updates = setupUpdates(facts, settings, desktop, log, () => shell);
  const shell: Shell = new Shell({
    ...{ facts, clock, window, screen, desktop, supervisor, settings, log, logLines },
    lookForUpdates: () => updates.lookNow(),
    exit,
  });
  window.listen(shell);
  registerVerbs(
    electronWire(() => window.contents),
    shell.answers(),
    places,
    log,
  );
  return { shell, window, updates };
}

function setupDesktop(facts: Facts, core: () => Shell): ElectronDesktop {
  const login = new Login(facts.isPackaged);
  return new ElectronDesktop({
    run: (command) => {
      core().run(command);
    },
    flip: (name) => {
      core().flipFromMenu(name);
    },
    icon: (tone) => join(BUNDLE, "icons", trayIcon(tone, facts.platform)),
    setStartAtLogin: (wanted) => {
      login.set(wanted);
    },
    renewStartAtLogin: () => login.renew(),
  });
}

function setupUpdates(
  facts: Facts,
  settings: SettingsFile,
  desktop: ElectronDesktop,
  log: Log,
  core: () => Shell,
): Updates {
  return new Updates({
    route: installedRoute(facts.isPackaged),
    engine: updateEngine,
    clock: systemClock,
    isWanted: () => settings.current.switches.updateChecks,
    confirm: (...question) => desktop.confirm(...question),
    tell: (...notice) => {
      desktop.tell(...notice);
    },
    leave: (last) => {
      core().exitPath.leave("an update", { last });
    },
    log,
  });
}

function exit(code: number, again: Again | null): void {
  const image = process.env["APPIMAGE"];
  if (again !== null) {
    const args = wordsAgain(process.argv.slice(1), again.link);
    app.relaunch({ args, ...(image === undefined ? {} : { execPath: image }) });
  }
  app.exit(code);
}
