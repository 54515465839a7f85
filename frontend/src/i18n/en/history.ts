import { formatMs } from "../../format/units";

/** The past on charts, files of it, and several computers. */
export const history = {
  history: {
    off: "History is off",
    offHint: "Only the last 15 minutes are kept. Turn history on in the settings.",
    toSettings: "Open the history settings",
    nothingYet: "Nothing recorded yet",
    nothingYetHint: "Values are kept from now on; they appear here as they come.",
    loading: "Loading the past…",
    old: (age: string) => `Could not be refreshed for ${age}`,
    otherStore: "From this computer's own file: the store does not answer",
    title: "What is kept",
    backend: "Kept in",
    backends: {
      embedded: "A file of this computer",
      prometheus: "A Prometheus-compatible store",
    } as Readonly<Record<string, string>>,
    size: "Size now",
    sizeOf: (now: string, most: string) => `${now} of at most ${most}`,
    expected: "Size when full",
    series: "Series",
    refused: "Series not recorded",
    dropped: "Samples not written",
    setAside: "Set aside",
    tier: "Step",
    keeps: "Kept for",
    rows: "Rows",
    reaches: "Reaches back to",
    tiersLabel: "Steps of the history",
    unavailable: "The history cannot be read",
    statsFailed: "What is kept could not be read.",
    refresh: "Refresh",
    test: "Test the connection",
    testing: "Testing…",
    testOk: (hosts: number) =>
      hosts === 1
        ? "The store answers and knows 1 host."
        : `The store answers and knows ${String(hosts)} hosts.`,
    testUnsaved: "Save first: the test uses what is stored.",
  },
  markers: {
    ended: (endpoint: string, outcome: string, ms: number) =>
      `${endpoint}: ${OUTCOMES[outcome] ?? outcome} after ${formatMs(ms)}`,
  },
  exporting: {
    menu: (title: string) => `${title}: table and export`,
    page: "Export",
    pageLabel: "Export all charts of this page",
    table: "Show as table",
    chart: "Show as chart",
    csv: "Figures as CSV",
    json: "Figures as JSON",
    png: "Picture (PNG)",
    failed: "The file was not saved",
    all: "all",
  },
  fleet: {
    title: "Fleet",
    filter: "Filter hosts",
    filterHint: "Name or problem",
    count: (shown: number, total: number) =>
      `${shown === total ? "" : `${String(shown)} of `}${total === 1 ? "1 host" : `${String(total)} hosts`}`,
    counts: (critical: number, warning: number) =>
      critical + warning === 0
        ? "All well"
        : [
            critical > 0 ? `${String(critical)} critical` : "",
            warning > 0 ? `${String(warning)} with warnings` : "",
          ]
            .filter((part) => part !== "")
            .join(", "),
    severity: {
      critical: "Critical",
      warning: "Warning",
      ok: "Well",
      unknown: "Unknown",
    },
    host: "Host",
    status: "Status",
    problems: "What is wrong",
    none: "No host reports to this store",
    noneHint: "Let Prometheus scrape /metrics of each host, then they appear here.",
    noMatch: "No host matches the filter",
    noProblems: "Nothing",
    loadFailed: "The hosts could not be read.",
    unavailable: "The store of all hosts does not answer",
    lastSeen: (age: string) => `last seen ${age} ago`,
    thisOne: "this computer",
    cpu: "CPU",
    memory: "Memory",
    gpu: "GPU",
    vram: "VRAM",
    endpoints: "Model servers",
    online: (online: number, total: number) => `${String(online)} of ${String(total)}`,
    alerts: "Alerts",
    version: "Version",
    back: "All hosts",
    pick: "Host",
    gone: "This host is not in the store any more",
    goneHint: "What was recorded of it may still be shown below.",
    old: (age: string) => `${age} old`,
    loading: "Asking the store…",
  },
} as const;

const OUTCOMES: Readonly<Record<string, string>> = {
  healed: "healed",
  failed: "not healed",
  stopped: "stopped",
  false_alarm: "false alarm",
};
