/** What is done in the app's main process, whichever way a test got in there. */
import type * as Electron from "electron";

/** A way into the main process. */
export interface Inside {
  evaluate<Given, Result>(
    act: (electron: typeof Electron, given: Given) => Result | Promise<Result>,
    given: Given,
  ): Promise<Result>;
}

/** Choose an entry of the application's menu. */
export async function chooseFromMenu(inside: Inside, id: string): Promise<void> {
  await inside.evaluate(({ Menu }, wanted) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(wanted);
    if (!item) throw new Error(`the menu has no ${wanted}`);
    (item.click as () => void)();
  }, id);
}

/** Whether the window is to be seen. */
export async function isVisible(inside: Inside): Promise<boolean> {
  return inside.evaluate(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false,
    null,
  );
}

/** Close the window, as its cross does. */
export async function closeWindow(inside: Inside): Promise<void> {
  await inside.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.close();
  }, null);
}
