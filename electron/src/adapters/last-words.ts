/** What is told when there is no window to tell it in. */
import { app, dialog } from "electron";

import { redact } from "../redact";
import { folderProblem } from "../shell/folder-problem";
import { LogFile } from "../shell/log-file";
import { words } from "../shell/words";
import { EXIT } from "../sidecar/exit-codes";

/** Says why the app cannot even begin here; 0 when another one of us runs, which is no trouble. */
export function tellNoClaim(): number {
  const folder = app.getPath("userData");
  const why = folderProblem(folder);
  if (why === null) return EXIT.WANTED;
  dialog.showErrorBox(words.notices.noStart, words.notices.noUserFolder(folder, why));
  return EXIT.CANNOT_CREATE;
}

/** Says why there is no window, in the log as well, and waits until that is read. */
export function tellNoStart(error: unknown): void {
  const why = redact(error instanceof Error ? error.message : String(error));
  new LogFile(app.getPath("logs")).write("shell", `fatal: ${why}`);
  dialog.showErrorBox(words.notices.noStart, words.notices.noStartText(why));
}
