/** The desktop app: its parts are set up in order. What they do is decided in modules without Electron. */
import { app } from "electron";

import { setupFolders, setupSandbox, setupSingleInstance } from "./adapters/claim";
import { compose } from "./adapters/compose";
import { setupErrors, setupOutput } from "./adapters/leaving";
import { tellNoClaim, tellNoStart } from "./adapters/last-words";
import { EXIT_FATAL } from "./shell/exit-path";

setupOutput();
setupFolders();
setupSandbox();
const claim = setupSingleInstance();
if (claim === null) {
  // Another one of us runs, and comes to the front; or nobody may run here.
  app.exit(tellNoClaim());
} else {
  const uncaught = setupErrors((error) => {
    tellNoStart(error);
    app.exit(EXIT_FATAL);
  });
  compose(claim, uncaught).catch((error: unknown) => {
    uncaught.tell(error);
  });
}
