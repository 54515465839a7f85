/** The shell's own page: how the start goes, or why there is no dashboard, and what to do. */
import type { Bridge } from "../src/ipc/bridge";
import type { LocalView } from "../src/shell/local-view";

declare global {
  interface Window {
    readonly llamaRunner: Bridge;
  }
}

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

function show(view: LocalView): void {
  const page = part("page");
  if (page.dataset["kind"] !== view.kind) page.dataset["kind"] = view.kind;
  const title = `${view.title} – LlamaRunner Pro`;
  if (document.title !== title) document.title = title;
  write(part("title"), view.title);
  write(part("text"), view.text);
  fill(part("detail"), part("detail"), view.detail);
  const log = part("log");
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  fill(log, part("log-part"), view.log.join("\n"));
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
  hide(part("restart"), !view.canRestart);
  for (const id of ["copy", "logs", "quit"]) hide(part(id), !view.canCopy);
  if (view.kind === "starting") tell("");
}

function fill(target: HTMLElement, whole: HTMLElement, text: string): void {
  write(target, text);
  hide(whole, text === "");
}

/** What is the same stays as it is: screen readers read out what changes, each second otherwise. */
function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

function hide(target: HTMLElement, isHidden: boolean): void {
  if (target.hidden !== isHidden) target.hidden = isHidden;
}

function tell(text: string): void {
  fill(part("notice"), part("notice"), text);
}

function button(id: string, action: () => Promise<string>): void {
  let isAtWork = false;
  part(id).addEventListener("click", () => {
    if (isAtWork) return;
    isAtWork = true;
    action()
      .then(tell, (error: unknown) => {
        tell(error instanceof Error ? error.message : String(error));
      })
      .finally(() => {
        isAtWork = false;
      });
  });
}

const shell = window.llamaRunner;
button("restart", () => shell.restart());
button("copy", () => shell.copyDiagnostics());
button("logs", () => shell.openLogs());
button("quit", () => shell.quit());
shell.onView(show);
void shell.getView().then(show);
