/** Whether a tray icon would be seen, on Linux: only where a host for it is on the session's bus. */
import { execFile } from "node:child_process";

const NAME = "org.kde.StatusNotifierWatcher";
const LIMIT_MS = 1500;
const BUS = ["org.freedesktop.DBus", "/org/freedesktop/DBus"] as const;

/** Two programs that can ask; which one is there depends on the desktop. */
export const QUESTIONS: readonly (readonly string[])[] = [
  [
    ...["gdbus", "call", "--session", "--timeout", "1", "--dest", BUS[0]],
    ...["--object-path", BUS[1], "--method", `${BUS[0]}.NameHasOwner`, NAME],
  ],
  [
    ...["dbus-send", "--session", "--print-reply", "--reply-timeout=1000", `--dest=${BUS[0]}`],
    ...[BUS[1], `${BUS[0]}.NameHasOwner`, `string:${NAME}`],
  ],
];

/** Runs a program and gives what it printed; null when it could not or failed. */
export type Ask = (argv: readonly string[]) => Promise<string | null>;

/** Reads either answer: `(true,)` or `boolean true`. */
export function saysYes(answer: string): boolean {
  return /\btrue\b/.test(answer);
}

/** Asks until one of the programs answers; without an answer there is no host. */
export async function hasTrayHost(ask: Ask = run): Promise<boolean> {
  for (const question of QUESTIONS) {
    const answer = await ask(question);
    if (answer !== null) return saysYes(answer);
  }
  return false;
}

function run([program = "", ...argv]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, argv, { timeout: LIMIT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
  });
}
