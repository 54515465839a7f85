/** What menus and the tray have the sidecar do. */
import { call, CallFailed } from "../api/client";
import type { Access } from "../sidecar/state";
import { words } from "./words";

export type Order = "heal" | "pause" | "resume";

/** Healing takes as long as it takes: its operation is begun, not waited for. */
const CALLS = {
  heal: { path: "heal-now", body: { wait: false } },
  pause: { path: "stop", body: {} },
  resume: { path: "start", body: {} },
} as const;

/** Has the sidecar do it. Throws CallFailed with words for people when it did not, or is not there. */
export async function give(order: Order, access: Access | null): Promise<void> {
  if (access === null) throw new CallFailed(words.tray.down);
  const { path, body } = CALLS[order];
  await call(access, "POST", `/api/ai-monitor/${path}`, body);
}
