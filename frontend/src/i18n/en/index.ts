import { pages } from "./pages";
import { shell } from "./shell";

/** Every word that users read. */
export const en = { ...shell, ...pages };
