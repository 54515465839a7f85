/** Everything that the shell says to people. */
import { PRODUCT } from "../identity";

export const words = {
  starting: {
    title: "Starting",
    first: `${PRODUCT} is starting.`,
    still: "Still starting. The first start after an installation takes a little longer.",
    long: "This takes longer than usual. What the sidecar has logged so far is below; a virus scanner may be looking at it.",
    veryLong:
      "It should have been ready by now. You can go on waiting, start it again, or copy the diagnostics for a report.",
    again: "The sidecar ended unexpectedly and is being started again. Your models are not lost.",
  },
  failed: {
    title: "The sidecar is not running",
    page: "The page stopped working",
    pageText: "The window's page ended twice in a row. Your models are still being watched.",
    load: "The page cannot be loaded",
    loadText: "The sidecar runs, but its page did not load. Your models are still being watched.",
    missing: "The sidecar's program cannot be started",
    missingText:
      "It is missing or may not be run. Install LlamaRunner Pro again; if a virus scanner removed the file, allow it there first.",
    silent: "The sidecar did not get ready",
    silentText:
      "It was given two minutes. Start it again; if that does not help, the log says more.",
    notOurs: "The sidecar could not be proven",
    notOursText:
      "What answered was not the program that was started, so it is not shown and got nothing secret. Start again; if it comes back, another program is in the way.",
    gaveUp: "It was started five times within five minutes and ended each time.",
    codes: new Map([
      [
        64,
        {
          title: "The sidecar was started in a way it does not understand",
          text: "The parts of this installation do not fit together. Install LlamaRunner Pro again.",
        },
      ],
      [
        69,
        {
          title: "Something else is in the way",
          text: "A port or the data folder is in use by another program. End it, then start again.",
        },
      ],
      [
        73,
        {
          title: "The data folder cannot be written",
          text: "Make room on the disk or make the folder writable, then start again.",
        },
      ],
      [
        77,
        {
          title: "A permission is missing",
          text: "Give yourself access to what is named below, then start again.",
        },
      ],
      [
        78,
        {
          title: "The configuration is wrong",
          text: "Mend what is named below, then start again. Nothing was changed.",
        },
      ],
    ]),
    exit: "The sidecar ended unexpectedly",
    exitText: "The log below may say why.",
    ended: (code: number | null, signal: string | null) =>
      code === null ? `It was ended by ${signal ?? "the system"}.` : `It ended with code ${code}.`,
  },
  failure: {
    title: `${PRODUCT} has to close`,
    text: (why: string, log: string) =>
      `Something went wrong in the window's program: ${why}\n\nThe sidecar is being stopped in order, and nothing that you configured is lost. Start again; if this comes back, report it with the log:\n${log}`,
    again: "Start Again",
    quit: "Quit",
  },
  tray: {
    starting: "Starting",
    stopping: "Stopping",
    down: "The sidecar is not running",
    none: "No models yet",
    online: (online: number, total: number) => `${online} of ${total} models online`,
    paused: "Monitoring is paused",
    troubled: (names: readonly string[]) => `Needs a look: ${names.join(", ")}`,
  },
  commands: {
    open: "Open Dashboard",
    heal: "Heal Now",
    pause: "Pause Monitoring",
    resume: "Resume Monitoring",
    restart: "Restart Sidecar",
    quit: `Quit ${PRODUCT}`,
    settings: "Settings…",
    logs: "Open Logs Folder",
    diagnostics: "Copy Diagnostics",
    updates: "Check for Updates…",
    graphics: "Use the Graphics Card Again",
  },
  menus: {
    file: "File",
    edit: "Edit",
    view: "View",
    window: "Window",
    help: "Help",
    preferences: "Preferences",
  },
  settings: {
    startAtLogin: "Start at Login",
    hideToTray: "Keep Running in the Tray When Closed",
    keepModels: "Keep Models Running After Quitting",
    notifications: "Notifications",
    updateChecks: "Look for Updates",
  },
  notices: {
    hiddenTitle: `${PRODUCT} keeps running`,
    hiddenText:
      "It goes on watching your models. Open it again or quit it at its icon in the tray.",
    failed: (endpoint: string) => `${endpoint} has failed`,
    recovered: (endpoint: string) => `${endpoint} is back`,
    over: (title: string) => `Over: ${title}`,
    badSettings:
      "The settings of the window could not be read and are as at first. What was there is kept in desktop.json.damaged.",
    software: "The window now draws without the graphics card",
    softwareText:
      "The card or its driver failed twice within a minute. Your models use it as before. To try it again for the window as well: View, Use the Graphics Card Again.",
    noFolder: (why: string) => `The folder of the logs could not be opened: ${why}`,
    noStart: "The window cannot be opened",
    noStartText: (why: string) =>
      `Start LlamaRunner Pro again; if that does not help, install it again. ${why}`,
    noUserFolder: (folder: string, why: string) =>
      `The folder ${folder} cannot be written: ${why}. Make room on the disk or make the folder writable, then start again.`,
    loginRefused: "Starting at login could not be changed",
    callFailed: "The sidecar did not do it",
    copied: "The diagnostics are in the clipboard.",
  },
  updates: {
    title: "Updates",
    available: (version: string) => `Version ${version} is available. Download it now?`,
    ready: (version: string) => `Version ${version} is ready to be installed.`,
    readyText:
      "The models and the sidecar are stopped first. They start again with the new version.",
    download: "Download",
    later: "Later",
    install: "Stop Models and Restart",
    newest: "This is the newest version.",
    elsewhere:
      "This installation is updated by what installed it: your package manager, the store, or the install script.",
    failed: "Looking for updates did not work",
    move: "Move the app to the Applications folder first; from here it cannot be replaced.",
  },
  links: {
    openTitle: "Open this page in your browser?",
    openText: (url: string) => `The connection to it is not encrypted:\n${url}`,
    open: "Open",
    cancel: "Cancel",
  },
} as const;
