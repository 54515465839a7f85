/** The desktop app: its parts are set up in order. What they do is decided in modules without Electron. */
import { app } from "electron";

import { setupFolders, setupSandbox, setupSingleInstance } from "./adapters/claim";
import { compose } from "./adapters/compose";
import { setupOutput } from "./adapters/leaving";

setupOutput();
setupFolders();
setupSandbox();
const claim = setupSingleInstance();
if (claim === null) {
  // Another one of us runs, and comes to the front.
  app.exit(0);
} else {
  void compose(claim);
}
