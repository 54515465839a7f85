/** Whether this installation may replace itself. Pure. */

export interface Installation {
  readonly platform: NodeJS.Platform;
  readonly isPackaged: boolean;
  /** The package carries the address that updates come from. */
  readonly hasFeed: boolean;
  /** The AppImage that runs, if it is one. */
  readonly appImage: string | undefined;
  /** Set when a portable program for Windows runs. */
  readonly portableFolder: string | undefined;
  /** macOS: whether it lies where it can be replaced; always true elsewhere. */
  readonly isInApplications: boolean;
}

/** ask: look, and replace on a person's word; elsewhere: others update it; move: not from here. */
export type Route = "ask" | "elsewhere" | "move";

/** deb, rpm, archives and checkouts are updated by what installed them. */
export function updateRoute(installation: Installation): Route {
  const { platform, isPackaged, hasFeed, appImage, portableFolder } = installation;
  if (!isPackaged || !hasFeed) return "elsewhere";
  if (platform === "linux") return isSet(appImage) ? "ask" : "elsewhere";
  if (platform === "win32") return isSet(portableFolder) ? "elsewhere" : "ask";
  if (platform !== "darwin") return "elsewhere";
  return installation.isInApplications ? "ask" : "move";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
