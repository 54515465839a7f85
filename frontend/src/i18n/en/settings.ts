/** What the settings page says; names and help of single settings come with the schema. */
const counted = (count: number, one: string, many: string) =>
  `${String(count)} ${count === 1 ? one : many}`;

export const settings = {
  settings: {
    title: "Settings",
    tabs: {
      endpoints: "Model servers",
      general: "General",
      gateway: "Gateway",
      alerts: "Alerts",
      history: "History",
      raw: "Raw JSON",
      backups: "Backups",
      about: "This browser",
    },
    tabsLabel: "Parts of the settings",
    loadFailed: "The configuration could not be loaded.",
    retry: "Try again",
    save: "Save",
    saving: "Saving…",
    discard: "Discard changes",
    unsaved: "Unsaved changes",
    noChanges: "No changes",
    saveFailed: "The changes were not saved",
    saved: "Saved",
    effect: {
      added: (names: string) => `Added: ${names}.`,
      removed: (names: string) => `Removed: ${names}.`,
      replaced: (names: string) => `Started anew with other settings: ${names}.`,
      adjusted: (names: string) => `Changed without a restart: ${names}.`,
      none: "Nothing had to be restarted.",
    },
    problems: {
      title: (count: number) =>
        count === 1
          ? "1 problem: nothing was changed"
          : `${String(count)} problems: nothing was changed`,
      count: (count: number) => counted(count, "problem", "problems"),
      file: (count: number) =>
        count === 1
          ? "The configuration file was edited and cannot be used as it is: 1 problem. What ran before runs on."
          : `The configuration file was edited and cannot be used as it is: ${String(count)} problems. What ran before runs on.`,
      fileHint: "Correct the file, or save here: that replaces it.",
    },
    access: {
      title: "You can look, but not change anything yet",
      why: "Settings decide which programs run on this computer. So this browser must first show that it belongs to you.",
      how: "Run this in a terminal on this computer, and open the link that it prints:",
      command: "llama-runner-pro open",
      copy: "Copy",
      copied: "Copied",
      again: "I have done that",
    },
    conflict: {
      title: "Somebody else has saved in the meantime",
      body: "Nothing of yours is lost. Look at what differs, then choose.",
      place: "Setting",
      mine: "Yours",
      theirs: "Theirs",
      absent: "not set",
      takeTheirs: "Take theirs, drop mine",
      keepMine: "Keep mine",
      keepHint: "Saving then replaces what they have saved.",
    },
    leave: {
      title: "Leave without saving?",
      body: "Your changes to the settings are not saved.",
      go: "Leave and drop them",
    },
    endpoints: {
      none: "No model servers are configured",
      noneHint: "Add one by hand, or let this computer be searched for them.",
      add: "Add by hand",
      find: "Search this computer",
      edit: "Edit",
      show: "Show",
      close: "Close",
      duplicate: "Duplicate",
      remove: "Remove",
      of: (action: string, name: string) => `${action} ${name}`,
      unnamed: "New model server",
      copyOf: (name: string) => `${name} copy`,
      off: "switched off",
      advanced: "Advanced: checks, restarts, stopping, limits",
      removeTitle: (name: string) => `Remove ${name}?`,
      removeBody:
        "It leaves the configuration when you save. Its process is then stopped, requests that run on it are cut, and it is no longer watched.",
      removeNeeded: (names: string) =>
        `It cannot be saved like this: ${names} depends on it. Remove that dependency first.`,
      removeGo: "Remove it",
      kept: (name: string) => `${name} will be removed when you save`,
    },
    form: {
      unset: (value: string) => (value === "" ? "not set" : `${value} unless set`),
      standard: (value: string) => `Standard (${value})`,
      addRow: "Add a line",
      addPair: "Add an entry",
      removeRow: (place: string) => `Remove ${place}`,
      row: (label: string, number: number) => `${label}, line ${String(number)}`,
      pairName: (label: string, number: number) => `${label}, name ${String(number)}`,
      pairValue: (label: string, name: string) => `${label}, value of ${name}`,
      name: "Name",
      value: "Value",
      hidden: "••• is a stored secret. It stays as it is unless you write something else.",
      onlyRaw: "This can be changed in Raw JSON.",
      required: "required",
      addEntry: "Add",
      entry: (label: string, number: number) => `${label} ${String(number)}`,
    },
    raw: {
      label: "The whole configuration as JSON",
      hint: "••• stands for stored secrets and keeps them.",
      fault: (line: number, column: number, found: string) =>
        found === ""
          ? `Line ${String(line)}, column ${String(column)}: the text ends too early`
          : `Line ${String(line)}, column ${String(column)}: ${found} does not belong here`,
      notObject: "The configuration is one JSON object. Begin it with {",
      valid: "Valid JSON",
      format: "Tidy up",
    },
    backups: {
      intro: "Each save keeps the file that it replaces. The last five are here.",
      none: "No backups yet",
      noneHint: "The first one is made when the configuration is saved.",
      holds: (count: number | null) =>
        count === null
          ? "cannot be read any more"
          : counted(count, "model server", "model servers"),
      restore: "Restore",
      of: (when: string) => `Restore the configuration of ${when}`,
      title: "Return to this configuration?",
      body: (when: string) =>
        `The configuration of ${when} replaces the present one, which is kept as a backup. Model servers whose settings differ are started anew.`,
      go: "Restore it",
      failed: "The backup was not restored",
    },
    about: {
      theme: "Theme",
      themes: { system: "Like the system", light: "Light", dark: "Dark" },
      shortcuts: "Single-key shortcuts",
      product: "About",
      version: "Version",
      python: "Python",
      file: "Configuration file",
      noFile: "none yet",
      savesTo: "Changes are saved to",
      folder: "Data folder",
      api: "API description",
    },
    debug: {
      title: "Debug mode",
      body: "Logs say more, every incident leaves a diagnostics bundle, twice as many restarts are tried, and repairs go further: a stack dump before a process is killed, leftovers of it are ended, stale files go even when young, and the next free port is taken when the usual one is held.",
      here: "The switch at the top of the page turns it on and off at once, without saving.",
    },
  },
} as const;
