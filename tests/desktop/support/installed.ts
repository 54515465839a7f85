/** The Debian package on this very system, and a user of the system who has no rights at all. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type Browser, chromium, type Page } from "playwright-core";

import { PATIENCE_MS, until } from "../../e2e/support/until";

import { forget, isUnderWay, note, noted, sumOf } from "./traces";
import { ROOT, type World } from "./world";

const PACKAGE = "llama-runner-pro";
const USER = `llama-runner-pro-${String(process.pid)}`;
export const ENTRY = `/usr/share/applications/${PACKAGE}.desktop`;

/** Whether packages can be installed here: as root, on Debian or one of its family. */
export function canInstall(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    return run("dpkg", "--print-architecture").trim() === "amd64";
  } catch {
    return false;
  }
}

function run(program: string, ...args: readonly string[]): string {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return execFileSync(program, [...args], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Everything that dpkg knows of the package; empty when it knows nothing. */
export function known(): string {
  try {
    return run("dpkg-query", "--show", "--showformat", "${db:Status-Status}", PACKAGE).trim();
  } catch {
    return "";
  }
}

/** Its files and their sums, as the installed package tells them; empty without. */
function installedSums(): string {
  try {
    return readFileSync(`/var/lib/dpkg/info/${PACKAGE}.md5sums`, "utf8");
  } catch {
    return "";
  }
}

/** Take away what a run of these tests that was killed left behind, and nothing else. */
function clearUp(): void {
  const traces = noted();
  if (traces !== null && isUnderWay(traces)) {
    throw new Error(`the desktop tests run already (pid ${String(traces.pid)}): wait for them`);
  }
  // What was cut off in the middle of unpacking has no sums yet.
  const sums = installedSums();
  const isOurs = traces !== null && (sums === "" || sumOf(sums) === traces.sums);
  if (known() !== "" && !isOurs) {
    throw new Error(
      `${PACKAGE} is installed here already, and is not for a test to replace; if nobody needs ` +
        `it, take it away with: sudo dpkg --purge ${PACKAGE}`,
    );
  }
  if (known() !== "") run("dpkg", "--purge", PACKAGE);
  if (traces !== null && hasAccount(traces.account)) run("userdel", traces.account);
  forget();
}

function hasAccount(name: string): boolean {
  return readFileSync("/etc/passwd", "utf8").includes(`\n${name}:`);
}

/** The package that was packed last; gives the paths of its files on this system. */
export function install(): string[] {
  clearUp();
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    version: string;
  };
  const deb = join(ROOT, "dist", "desktop", `${PACKAGE}_${version}_amd64.deb`);
  const sums = sumOf(run("dpkg-deb", "--info", deb, "md5sums"));
  note({ pid: process.pid, account: USER, sums });
  run("apt-get", "install", "--yes", "--no-install-recommends", deb);
  return run("dpkg-query", "--listfiles", PACKAGE)
    .split("\n")
    .filter((path) => path !== "" && !lstatSync(path).isDirectory());
}

export function purge(): void {
  run("dpkg", "--purge", PACKAGE);
}

/** Somebody who has just got an account, at home in a world. */
export class Newcomer {
  readonly #uid: number;
  readonly #gid: number;
  #child: ChildProcess | null = null;
  #browser: Browser | null = null;

  constructor(private readonly world: World) {
    run("useradd", "--system", "--user-group", "--home-dir", world.home, "--no-create-home", USER);
    [this.#uid = 0, this.#gid = 0] = ["-u", "-g"].map((which) => Number(run("id", which, USER)));
    this.#own(world.folder);
  }

  #own(path: string): void {
    const entry = lstatSync(path);
    // The model belongs to whoever installed it, and is only to be read.
    if (!entry.isFile() || entry.nlink === 1) chownSync(path, this.#uid, this.#gid);
    if (entry.isDirectory()) for (const name of readdirSync(path)) this.#own(join(path, name));
  }

  #options(): object {
    return {
      uid: this.#uid,
      gid: this.#gid,
      cwd: this.world.home,
      // Root's message bus is not for others.
      env: {
        ...this.world.environment(),
        USER,
        LOGNAME: USER,
        DBUS_SESSION_BUS_ADDRESS: "disabled:",
      },
    };
  }

  /** Choose the app in the desktop's menu: what its entry says is run, with a way to look inside. */
  async launch(): Promise<Page> {
    const [, command = ""] = /^Exec=(.+)$/m.exec(readFileSync(ENTRY, "utf8")) ?? [];
    const [program = "", ...args] = command.split(" ").filter((word) => !/^%[a-zA-Z]$/.test(word));
    this.#child = spawn(program, [...args, "--disable-gpu", "--remote-debugging-port=0"], {
      ...this.#options(),
      stdio: "ignore",
    });
    const file = join(this.world.userData, "DevToolsActivePort");
    const port = await until("the window can be looked into", () => firstLine(file));
    await until("the window shows a page of the sidecar", () => showsSidecar(port));
    // Electron has no browser settings that Playwright could change.
    const options = { noDefaults: true, timeout: PATIENCE_MS };
    this.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, options);
    const page = await until("there is a page", () => this.#browser?.contexts()[0]?.pages()[0]);
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  }

  /** Run a command of the package to its end, and give what it said. */
  command(program: string, ...args: readonly string[]): string {
    return execFileSync(program, [...args], { encoding: "utf8", ...this.#options() });
  }

  /** Wait until the window's program has ended. */
  async untilEnded(): Promise<number | null> {
    const child = this.#child;
    await until("the window's program has ended", () => child?.exitCode !== null);
    await this.#browser?.close();
    return child?.exitCode ?? null;
  }

  remove(): void {
    run("userdel", USER);
    if (known() === "") forget();
  }
}

/** Asks the DevTools endpoint what is shown; before the window is there, that is nothing. */
async function showsSidecar(port: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const shown = (await answer.json()) as { url: string }[];
  return shown.some(({ url }) => url.startsWith("http://127.0.0.1:"));
}

function firstLine(path: string): string | null {
  try {
    return readFileSync(path, "utf8").split("\n")[0] ?? null;
  } catch {
    return null;
  }
}
