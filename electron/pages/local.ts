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
  part("page").dataset["kind"] = view.kind;
  part("title").textContent = view.title;
  part("text").textContent = view.text;
  fill(part("detail"), part("detail"), view.detail);
  const log = part("log");
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  fill(log, part("log-part"), view.log.join("\n"));
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
  part("restart").hidden = !view.canRestart;
  for (const id of ["copy", "logs", "quit"]) part(id).hidden = !view.canCopy;
  if (view.kind === "starting") tell("");
}

function fill(target: HTMLElement, whole: HTMLElement, text: string): void {
  target.textContent = text;
  whole.hidden = text === "";
}

function tell(text: string): void {
  fill(part("notice"), part("notice"), text);
}

function button(id: string, action: () => Promise<string>): void {
  const element = part(id);
  element.addEventListener("click", () => {
    action().then(tell, (error: unknown) => {
      tell(error instanceof Error ? error.message : String(error));
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
