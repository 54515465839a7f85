import { alerts } from "./alerts";
import { gateway } from "./gateway";
import { history } from "./history";
import { machine } from "./machine";
import { pages } from "./pages";
import { playground } from "./playground";
import { settings } from "./settings";
import { setup } from "./setup";
import { shell } from "./shell";

/** Every word that users read. */
export const en = {
  ...shell,
  ...pages,
  ...alerts,
  ...settings,
  ...setup,
  ...history,
  ...machine,
  ...gateway,
  ...playground,
};
