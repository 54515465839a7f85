/**
 * What the sidecar and its children get to see of our environment: the user's, as a terminal would
 * give it, without what Electron, Chromium and an AppImage's start put in for themselves.
 */

type Environment = Readonly<Record<string, string | undefined>>;

/** About this very start of the window, and nothing to anybody else. */
const NAMES: ReadonlySet<string> = new Set([
  ...["NODE_OPTIONS", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"],
  ...["DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN", "NOTIFY_SOCKET", "WATCHDOG_USEC"],
  ...["WATCHDOG_PID", "PWD", "OLDPWD"],
]);
const FAMILIES = ["ELECTRON_", "CHROME_", "GIO_LAUNCHED_", "PORTABLE_EXECUTABLE_"];

/** Chromium keeps the desktop's real name here when it gives itself another one. */
const REAL_DESKTOP = "ORIGINAL_XDG_CURRENT_DESKTOP";
const DESKTOP = "XDG_CURRENT_DESKTOP";

/** What the runtime of an AppImage sets, after its documentation; others use the names as well. */
const OF_AN_IMAGE: ReadonlySet<string> = new Set(["APPIMAGE", "APPDIR", "ARGV0", "OWD"]);

/** Finder starts programs with these alone; Homebrew and its like are elsewhere. */
const MAC_FOLDERS = ["/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin"];

/** The environment for the sidecar. */
export function sidecarEnvironment(
  all: Environment,
  platform: NodeJS.Platform,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && !isOfTheWindow(name)) kept[name] = value;
  }
  const desktop = all[REAL_DESKTOP];
  if (desktop !== undefined) kept[DESKTOP] = desktop;
  const outside = isSet(all["APPIMAGE"]) ? withoutImage(kept, all["APPDIR"] ?? "") : kept;
  if (platform === "darwin") outside["PATH"] = withMacFolders(outside["PATH"]);
  return outside;
}

function isOfTheWindow(name: string): boolean {
  const upper = name.toUpperCase();
  const isFamily = FAMILIES.some((family) => upper.startsWith(family));
  return isFamily || NAMES.has(upper) || upper === REAL_DESKTOP;
}

/** An AppImage puts folders of its mount in front of lists; the user's own parts stay. */
function withoutImage(all: Readonly<Record<string, string>>, mount: string) {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (OF_AN_IMAGE.has(name) || name.startsWith("APPIMAGE_")) continue;
    const parts = value.split(":");
    const others = parts.filter((part) => !isWithin(part, mount));
    if (others.length === parts.length) kept[name] = value;
    else if (others.some((part) => part !== "")) kept[name] = others.join(":");
  }
  return kept;
}

function isWithin(path: string, mount: string): boolean {
  return mount !== "" && (path === mount || path.startsWith(`${mount}/`));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

function withMacFolders(path: string | undefined): string {
  const there = path === undefined || path === "" ? ["/usr/bin", "/bin"] : path.split(":");
  return [...there, ...MAC_FOLDERS.filter((folder) => !there.includes(folder))].join(":");
}
