/** Builds the shell from its parts, once Electron is ready. */
import { app } from "electron";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";

import { systemClock } from "../clock";
import { registerVerbs } from "../ipc/register";
import { LogFile } from "../shell/log-file";
import { ScreenKeeper } from "../shell/screen-keeper";
import { SettingsFile } from "../shell/settings-file";
import { type Facts, Shell } from "../shell/shell";
import { hasTrayHost } from "../shell/tray-host";
import { words } from "../shell/words";
import { isPackaged, sidecarProgram } from "../sidecar/locate";
import { LogTail } from "../sidecar/log-tail";
import { trayIcon, windowIcon } from "../ui/icons";
import { firstAppearance } from "../ui/window-options";
import { Updates } from "../updates/updates";
import { type Claim, setupIdentity } from "./claim";
import { ElectronDesktop } from "./desktop";
import { guardPages, guardSession, type Watched } from "./guards";
import { electronWire } from "./ipc";
import { setupLeaving } from "./leaving";
import { setStartAtLogin } from "./login";
import { newSupervisor } from "./sidecar";
import { installedRoute, updateEngine } from "./updater";
import { ElectronWindow } from "./window";

/** Written in by the build. */
declare const LLAMA_RUNNER_PRO_VERSION: string;

/** The bundle's folder: pages and icons lie beside it. */
const BUNDLE = __dirname;

/** Opens the window and starts the sidecar; everything after that is events. */
export async function compose(claim: Claim): Promise<void> {
  const facts = findFacts();
  const logFile = new LogFile(facts.logFolder);
  const log = (text: string): void => {
    logFile.write("shell", text);
  };
  log(`start of ${facts.version} on Electron ${facts.electron}, ${facts.system}`);
  const settings = new SettingsFile(
    join(app.getPath("userData"), "desktop.json"),
    facts.platform,
    log,
  );
  const tail = new LogTail();
  const localPage = localPageUrl();
  const supervisor = newSupervisor({
    program: facts.program,
    settings: () => settings.current,
    changed: (state) => {
      shell.sidecarChanged(state);
    },
    logged: (line) => {
      logFile.write("sidecar", tail.add(line));
    },
  });
  const desktop = new ElectronDesktop({
    run: (command) => {
      shell.run(command);
    },
    flip: (name) => {
      shell.flipFromMenu(name);
    },
    icon: (tone) => join(BUNDLE, "icons", trayIcon(tone, facts.platform)),
    setStartAtLogin,
  });
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
  );
  const screen = new ScreenKeeper({
    window,
    localPage,
    clock: systemClock,
    log: () => tail.lines(),
  });
  const updates = new Updates({
    route: installedRoute(facts.isPackaged),
    engine: updateEngine,
    clock: systemClock,
    isWanted: () => settings.current.switches.updateChecks,
    confirm: (...question) => desktop.confirm(...question),
    tell: (...notice) => {
      desktop.tell(...notice);
    },
    leave: (last) => {
      shell.exitPath.leave("an update", 0, last);
    },
    log,
  });
  const shell: Shell = new Shell({
    ...{ facts, clock: systemClock, window, screen, desktop, supervisor, settings, log },
    lookForUpdates: () => updates.lookNow(),
    logLines: () => tail.lines(),
    exit: (code) => {
      app.exit(code);
    },
  });
  setupIdentity(facts.isPackaged);
  setupLeaving(shell.exitPath, log);
  window.listen(shell);
  registerVerbs(
    electronWire(() => window.contents),
    shell.answers(),
    places,
    log,
  );
  const hasTray = facts.platform !== "linux" || (await hasTrayHost());
  window.appear(firstAppearance(claim.flags.isHidden, hasTray));
  shell.begin(hasTray);
  updates.begin();
  claim.listen((link) => {
    shell.summon(link);
  });
  if (claim.flags.link !== null) shell.summon(claim.flags.link);
}

function findFacts(): Facts {
  const around = {
    platform: process.platform,
    resourcesPath: process.resourcesPath,
    bundlePath: BUNDLE,
    env: process.env,
  };
  return {
    platform: process.platform,
    version: LLAMA_RUNNER_PRO_VERSION,
    electron: process.versions.electron,
    system: `${process.platform} ${process.arch} ${release()}`,
    program: sidecarProgram(around),
    isPackaged: isPackaged(around),
    logFolder: app.getPath("logs"),
  };
}

/** The shell's own page as an address of its own: no file and no server is behind it. */
function localPageUrl(): string {
  const page = readFileSync(join(BUNDLE, "pages", "local.html"));
  return `data:text/html;charset=utf-8;base64,${page.toString("base64")}`;
}
