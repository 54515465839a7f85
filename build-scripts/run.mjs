// Finds Python and hands over to it: `node build-scripts/run.mjs NAME [ARGUMENTS]` runs
// build-scripts/NAME.py. Needs nothing but Node itself, for it runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

const OLDEST = [3, 11];
const HERE = import.meta.dirname;
const PARENT_CHECK_MS = 250;
const IS_WINDOWS = process.platform === "win32";

/** Commands that may start Python, the likeliest first. */
function candidates() {
  const named = process.env["LLAMA_RUNNER_PRO_PYTHON"];
  const versions = ["3.11", "3.12", "3.13", "3.14"].map((version) => [`python${version}`]);
  const launcher = IS_WINDOWS ? [["py", "-3"]] : [];
  return [...(named ? [[named]] : []), ...launcher, ["python3"], ["python"], ...versions];
}

/** The version a command reports, such as "3.11.2", or null when it cannot be run. */
function versionOf([program, ...first]) {
  const ask = "import sys; print('.'.join(map(str, sys.version_info[:3])))";
  const answer = spawnSync(program, [...first, "-c", ask], { encoding: "utf8", timeout: 20_000 });
  return answer.status === 0 ? answer.stdout.trim() : null;
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function findPython() {
  const seen = [];
  for (const command of candidates()) {
    const version = versionOf(command);
    if (version !== null && isNewEnough(version)) return command;
    if (version !== null) seen.push(`${command.join(" ")} is ${version}`);
  }
  const found = seen.length > 0 ? `Found only: ${seen.join(", ")}.` : "Found none.";
  process.stderr.write(
    `LlamaRunner Pro needs Python ${OLDEST.join(".")} or newer. ${found}\n` +
      "Debian and Ubuntu: sudo apt install python3 python3-venv\n" +
      "macOS: brew install python\n" +
      "Windows: winget install Python.Python.3.13\n" +
      "If it is installed elsewhere, name it in LLAMA_RUNNER_PRO_PYTHON.\n",
  );
  process.exit(69);
}

/**
 * Ends the task when npm is gone. A signal to npm ends the shell that npm put between itself and
 * us, and that shell passes nothing on: without this the server would live on unseen.
 */
function stopWithoutParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, PARENT_CHECK_MS);
  watch.unref();
}

/** Runs a script to its end; signals go on to it, and its exit code becomes ours. */
function handOver([program, ...first], script, rest) {
  const child = spawn(program, [...first, script, ...rest], { stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole group, so the child has it already: passing it on
  // once more would turn a calm stop into a forced one. Without a terminal nobody else does.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of IS_WINDOWS ? [] : ["SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  if (process.env["npm_lifecycle_event"] && !IS_WINDOWS) stopWithoutParent(child);
  child.on("error", (error) => {
    process.stderr.write(`Could not start ${program}: ${error.message}\n`);
    process.exit(70);
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

const [name = "", ...rest] = process.argv.slice(2);
const script = join(HERE, `${name}.py`);
if (!/^[a-z_]+$/.test(name) || !existsSync(script)) {
  process.stderr.write(`There is no task "${name}". See the scripts in package.json.\n`);
  process.exit(64);
}
handOver(findPython(), script, rest);
