import { formatDurationS, formatMs } from "../../format/units";

const STATES = {
  online: "Online",
  degraded: "Degraded",
  starting: "Starting",
  loading: "Loading model",
  healing: "Healing",
  backoff: "Waiting to retry",
  offline: "Offline",
  failed: "Failed",
  stopped: "Stopped",
  stopping: "Stopping",
  disabled: "Disabled",
} as const;

const OUTCOMES: Readonly<Record<string, string>> = {
  start: "Started and online",
  stop: "Stopped",
  restart: "Restarted and online",
  heal: "Healed",
  enable: "Enabled",
  disable: "Disabled",
};

/** States, commands, and what surrounds the pages. */
export const shell = {
  product: "LlamaRunner Pro",
  skipToContent: "Skip to content",
  nav: {
    label: "Pages",
    overview: "Overview",
    endpoints: "Endpoints",
    recovery: "Recovery",
    alerts: "Alerts",
    logs: "Logs",
    settings: "Settings",
    setup: "Add model servers",
    attention: (count: number) =>
      count === 1 ? "1 needs attention" : `${String(count)} need attention`,
  },
  states: STATES,
  meaning: {
    online: "Ready for requests.",
    degraded: "Ready, but slow or failing some checks.",
    starting: "Started, not ready yet.",
    loading: "Answers, but is still loading its model.",
    healing: "A repair is running.",
    backoff: "Waiting before the next attempt.",
    offline: "Not answering, and no start command is configured.",
    failed: "Gave up. It needs you.",
    stopped: "Not running, on purpose.",
    stopping: "Being stopped.",
    disabled: "Switched off by you. It is not watched.",
  },
  link: {
    live: "Live",
    connecting: "Connecting…",
    reconnecting: (seconds: number) =>
      seconds > 0 ? `Reconnecting in ${String(seconds)} s` : "Reconnecting…",
    stalled: (ageMs: number) => `No data for ${formatDurationS(ageMs / 1000)}`,
    paused: "Paused",
    retryNow: "Retry now",
    lost: "The connection to the sidecar is lost.",
    lostDetail: "What you see is the last known state.",
    lostBecause: (reason: string) => `The sidecar closed the connection: ${reason}.`,
    attempt: (attempt: number) => `attempt ${String(attempt)}`,
    back: "Connected again.",
    detail: "Connection to the sidecar",
  },
  pause: {
    pause: "Pause",
    goLive: "Go live",
    held: (samples: number) =>
      `Paused, ${String(samples)} new ${samples === 1 ? "sample" : "samples"}`,
  },
  monitoring: {
    label: "Monitoring",
    on: "On",
    off: "Off",
    offNotice: "Monitoring is off: failed model servers are not noticed and not healed.",
    turnOn: "Turn on",
    switchFailed: "Monitoring could not be switched",
  },
  debug: {
    label: "Debug mode",
    on: "Debug on",
    off: "Debug off",
    switchFailed: "Debug mode could not be switched",
  },
  theme: {
    label: "Theme",
    system: "System theme",
    light: "Light theme",
    dark: "Dark theme",
  },
  range: {
    label: "Time range",
    names: { 60: "1 min", 300: "5 min", 900: "15 min" },
  },
  stale: {
    badge: (ageMs: number) => `${formatDurationS(ageMs / 1000)} old`,
  },
  empty: {
    unsupported: "Not available on this machine",
    noEndpoints: "No model servers are set up",
    noEndpointsHint:
      "Add what runs on this computer, or try the built-in demo: llama-runner-pro serve --demo",
    waiting: "Waiting for the sidecar…",
    slow: "Still waiting. Check that llama-runner-pro is running.",
  },
  actions: {
    start: "Start",
    stop: "Stop",
    restart: "Restart",
    heal: "Heal",
    enable: "Enable",
    disable: "Disable",
    of: (action: string, name: string) => `${action} ${name}`,
    unavailable: (action: string, state: string) =>
      `${action} makes no sense while it is ${state.toLowerCase()}`,
    healAll: "Heal all",
    emergency: "Emergency heal",
    cancel: "Cancel",
    close: "Close",
    dismiss: "Dismiss",
  },
  confirm: {
    stop: {
      title: (name: string) => `Stop ${name}?`,
      body: "The process ends, and requests that are running on it are cut. It stays stopped until you start it.",
      go: "Stop it",
    },
    restart: {
      title: (name: string) => `Restart ${name}?`,
      body: "The process ends and is started again. Requests that are running on it are cut.",
      go: "Restart it",
    },
    disable: {
      title: (name: string) => `Disable ${name}?`,
      body: "It is no longer watched or healed until you enable it. A process that runs already keeps running.",
      go: "Disable it",
    },
    emergency: {
      title: "Emergency heal?",
      body: (count: number) =>
        count === 1
          ? "This model server is repaired at once. Waiting times and attempt limits are ignored, and its process is stopped by force if need be."
          : `These ${String(count)} model servers are repaired at once, all at the same time. Waiting times and attempt limits are ignored, and their processes are stopped by force if need be.`,
      none: "Every model server that is switched on is healthy: there is nothing to repair.",
      go: "Heal now",
    },
  },
  operation: {
    running: {
      start: "Starting…",
      stop: "Stopping…",
      restart: "Restarting…",
      heal: "Healing…",
      enable: "Enabling…",
      disable: "Disabling…",
    },
    outcome: (action: string, state: keyof typeof STATES) => OUTCOMES[action] ?? STATES[state],
    took: (ms: number) => `after ${formatMs(ms)}`,
    healingAll: "Healing all unhealthy model servers…",
    nothingToHeal: "Nothing to heal: every model server that is switched on is healthy.",
    healedAll: (healed: number, total: number) => `${String(healed)} of ${String(total)} healed.`,
    started: "The repair has been started.",
  },
  keys: {
    title: "Keyboard",
    open: "Keyboard shortcuts",
    enabled: "Use single-key shortcuts",
    groups: { anywhere: "Anywhere", pages: "Pages", charts: "Charts" },
    space: "Pause, or go live",
    help: "Show this help",
    theme: "Next theme",
    retry: "Retry the connection now",
    slash: "Go to the filter",
    overview: "Overview",
    endpoints: "Endpoints",
    recovery: "Recovery",
    alerts: "Alerts",
    logs: "Logs",
    settings: "Settings",
    ranges: "1, 5 or 15 minutes",
    then: "then",
    spaceKey: "Space",
  },
  announce: {
    change: (name: string, state: string) => `${name} is now ${state.toLowerCase()}`,
    more: (count: number) => `and ${String(count)} more changes`,
  },
  errors: {
    unreachable: "The sidecar did not answer.",
    unreachableHint: "Check that llama-runner-pro is running.",
    notJson: "The sidecar's answer was not JSON.",
    status: (status: number) => `The sidecar answered with status ${String(status)}.`,
    notFound: "There is no such page",
    notFoundHint: "The address may be mistyped.",
    toOverview: "Go to the overview",
  },
  about: {
    version: (version: string) => `Version ${version}`,
  },
} as const;
