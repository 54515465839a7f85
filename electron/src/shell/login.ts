/** Starting at login, for an app that may have moved since the person asked for it. */
import type { Desktop } from "./ports";
import type { SettingsFile } from "./settings-file";

interface LoginParts {
  readonly desktop: Desktop;
  readonly settings: SettingsFile;
  readonly log: (text: string) => void;
}

/**
 * Has the system start the program from where it is now. What somebody took away in the system's own
 * settings is not put back: the switch shows it.
 */
export function renewLogin({ desktop, settings, log }: LoginParts): void {
  if (!settings.current.switches.startAtLogin) return;
  try {
    if (!desktop.renewStartAtLogin()) settings.flip("startAtLogin", false);
  } catch (error) {
    log(`start at login: ${error instanceof Error ? error.message : String(error)}`);
  }
}
