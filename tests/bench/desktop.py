"""The packed desktop app: how soon it shows something, what it costs, what it leaves behind."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psutil
from websockets.sync.client import connect

from tests.bench.rig import PATIENCE_S
from tests.bench.table import Row
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PACKED = ROOT / "dist" / "desktop"
APP = PACKED / "linux-unpacked" / "llama-runner-pro"
SIDECAR = APP.parent / "resources" / "backend" / "llama-runner-pro-backend"
TRAY = ROOT / "tests" / "tools" / "tray_host.py"
LAUNCHES = 7
SETTLE_S = 10.0
IDLE_S = 30.0
CYCLES = 20
MARK = "@llama-runner-pro "
NOTHING_TO_WATCH = '{"endpoints": [], "gateway": {"enabled": false}}'
LEFT = "no process of ours is left"

# Resolves with the time of the first frame in which a chart has been drawn, and of the first one
# with a line in it: a pixel more vivid than axes, grid and labels ever are.
WATCH = """
new Promise((resolve) => {
  const times = {};
  const vivid = (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let isDrawn = false;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] < 120) continue;
      isDrawn = true;
      const colours = data.subarray(at, at + 3);
      if (Math.max(...colours) - Math.min(...colours) > 80) return [true, true];
    }
    return [isDrawn, false];
  };
  const look = () => {
    for (const canvas of document.querySelectorAll("canvas")) {
      if (canvas.width === 0) continue;
      const [isDrawn, hasLine] = vivid(canvas);
      if (isDrawn) times.drawn ??= Date.now();
      if (hasLine) times.line ??= Date.now();
    }
    if (times.line) resolve(JSON.stringify(times));
    else requestAnimationFrame(look);
  };
  look();
})
"""


def measure() -> Iterator[Row]:
    """All figures of the packed app, each as soon as it is known, or how to get one."""
    if not APP.is_file():
        advice = "pack it first: npm run build-desktop -- --test-electron"
        yield Row("desktop app", "not measured", "", advice)
        return
    with _display() as env:
        yield from _launches(env)
        yield from _sidecar_starts()
        yield from _idle(env)
        yield from _sizes()
    # These bring a display of their own, and take a quarter of an hour.
    yield _cycles()


@contextmanager
def _display() -> Iterator[dict[str, str]]:
    """A display and a message bus with a tray; gives the environment that leads there."""
    screen = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-ac"]
    bus = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    started: list[subprocess.Popen[str]] = []

    def begin(command: list[str], env: dict[str, str] | None = None) -> str:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        started.append(child)
        assert child.stdout is not None
        return child.stdout.readline().strip()

    try:
        env = {"DISPLAY": f":{begin(screen)}", "DBUS_SESSION_BUS_ADDRESS": begin(bus)}
        begin([sys.executable, str(TRAY), "serve"], {**os.environ, **env})
        yield {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **env}
    finally:
        for child in reversed(started):
            child.terminate()
            child.wait()


class App:
    """The packed app, run by somebody whose home is a folder of its own."""

    def __init__(self, folder: Path, env: dict[str, str], *words: str) -> None:
        self.folder, self.port = folder, free_port()
        data, window = folder / "data", folder / "window"
        for made in (data, window):
            made.mkdir(exist_ok=True)
        (data / "config.json").write_text(NOTHING_TO_WATCH)
        (window / "desktop.json").write_text(json.dumps({"port": self.port}))
        (window / "DevToolsActivePort").unlink(missing_ok=True)
        # Root may not use Chromium's sandbox; nothing here is drawn by a graphics card.
        rights = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [str(APP), *rights, "--disable-gpu", f"--user-data-dir={window}"]
        self.began_s = time.time()
        self.process = subprocess.Popen(
            [*command, "--remote-debugging-port=0", *words],
            env={**env, "HOME": str(folder), "LLAMA_RUNNER_PRO_DATA_DIR": str(data)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def page(self) -> str:
        """Waits for the page of the sidecar; gives the address at which it can be looked into."""
        file = self.folder / "window" / "DevToolsActivePort"
        limit = time.monotonic() + PATIENCE_S
        while time.monotonic() < limit:
            if file.is_file() and (port := file.read_text().partition("\n")[0]):
                for shown in _json(f"http://127.0.0.1:{port}/json/list"):
                    if shown["url"].startswith(f"http://127.0.0.1:{self.port}"):
                        return str(shown["webSocketDebuggerUrl"])
            time.sleep(0.005)
        raise TimeoutError(f"the window shows nothing within {PATIENCE_S:g} s")

    def processes(self) -> list[psutil.Process]:
        """The app and everything it started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def quit(self) -> None:
        """Ends it as a session manager does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)


def _json(url: str) -> list[dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found
    except (urllib.error.URLError, OSError):
        return []


def _launches(env: dict[str, str]) -> list[Row]:
    """Each launch is that of somebody who has used it before; the very first is told apart."""
    drawn: list[float] = []
    lines: list[float] = []
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        for _ in range(LAUNCHES + 1):
            app = App(Path(name), env)
            try:
                times = _first_frames(app.page())
            finally:
                app.quit()
            drawn.append(times["drawn"] / 1000 - app.began_s)
            lines.append(times["line"] / 1000 - app.began_s)
    remark = f"median of {LAUNCHES}, worst {max(drawn[1:]):.2f} s; first of all {drawn[0]:.2f} s"
    return [
        Row("launch → first chart painted", f"{median(drawn[1:]):.2f} s", "≤ 2.5 s", remark),
        Row("launch → first line in a chart", f"{median(lines[1:]):.2f} s", "", ""),
    ]


def _first_frames(address: str) -> dict[str, float]:
    """Asks the page over the DevTools protocol (chromedevtools.github.io, Runtime.evaluate)."""
    ask = {"expression": WATCH, "awaitPromise": True, "returnByValue": True}
    with connect(address, max_size=None) as page:
        # The page may be on its way still: then nothing is there yet that could answer.
        for number in range(1, 1000):
            page.send(json.dumps({"id": number, "method": "Runtime.evaluate", "params": ask}))
            said = json.loads(page.recv(PATIENCE_S))
            value = said.get("result", {}).get("result", {}).get("value")
            if value is not None:
                times: dict[str, float] = json.loads(value)
                return times
            time.sleep(0.005)
    raise RuntimeError(f"the page does not answer: {said}")


def _sidecar_starts() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        folder = Path(name)
        (folder / "config.json").write_text(NOTHING_TO_WATCH)
        seconds = [_until_ready(folder) for _ in range(LAUNCHES)]
    return [Row("sidecar ready", f"{median(seconds):.2f} s", "≤ 0.6 s", f"median of {LAUNCHES}")]


def _until_ready(folder: Path) -> float:
    """Seconds from the start of the frozen sidecar to its word that it is ready."""
    first = {
        "protocol": 1,
        "token": secrets.token_hex(32),
        "nonce": secrets.token_hex(32),
        "data_dir": str(folder),
        "port": 0,
        "strict_port": False,
        "parent_pid": os.getpid(),
        "keep_models": False,
    }
    began = time.monotonic()
    with subprocess.Popen(
        [str(SIDECAR), "serve", "--desktop"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as sidecar:
        assert sidecar.stdin is not None
        assert sidecar.stdout is not None
        sidecar.stdin.write(json.dumps(first) + "\n")
        sidecar.stdin.flush()
        for line in sidecar.stdout:
            if line.startswith(MARK) and json.loads(line.removeprefix(MARK))["event"] == "ready":
                return time.monotonic() - began
    raise RuntimeError("the sidecar ended before it was ready")


def _idle(env: dict[str, str]) -> list[Row]:
    """The app as it starts at login: in the tray, its window never shown."""
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        app = App(Path(name), env, "--hidden")
        try:
            app.page()
            time.sleep(SETTLE_S)
            before, began = _cpu_s(app), time.monotonic()
            time.sleep(IDLE_S)
            share = (_cpu_s(app) - before) / (time.monotonic() - began)
            rss = sum(process.memory_info().rss for process in app.processes())
        finally:
            app.quit()
    return [
        Row("idle app, window hidden: CPU", f"{share:.2%}", "≤ 1 %", "of one core, sidecar too"),
        Row("idle app: resident memory", f"{rss / 1e6:.0f} MB", "", "shared pages count each time"),
    ]


def _cpu_s(app: App) -> float:
    times = [process.cpu_times() for process in app.processes()]
    return sum(time.user + time.system for time in times)


def _sizes() -> list[Row]:
    archive = next(PACKED.glob("*.tar.gz")).stat().st_size
    package = next(PACKED.glob("*.deb")).stat().st_size
    files = (path for path in APP.parent.rglob("*") if path.is_file() and not path.is_symlink())
    unpacked = sum(path.stat().st_size for path in files)
    return [
        Row("tar.gz", f"{archive / 1e6:.0f} MB", "≤ 150 MB", ""),
        Row(".deb", f"{package / 1e6:.0f} MB", "", f"installed {unpacked / 1e6:.0f} MB"),
    ]


def _cycles() -> Row:
    """The gate's own tests of leaving, each way as often as asked."""
    report = ROOT / ".build" / "reports" / "desktop.json"
    report.unlink(missing_ok=True)
    subprocess.run(
        ["node", "build-scripts/run.mjs", "check", "--only", "desktop"],
        cwd=ROOT,
        env={**os.environ, "LLAMA_RUNNER_PRO_CYCLES": str(CYCLES)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if not report.is_file():
        return Row("processes left after leaving", "not measured", "none", "see .build/logs")
    files = json.loads(report.read_text("utf-8"))["testResults"]
    tests = [test for file in files for test in file["assertionResults"]]
    ways = [test["status"] for test in tests if LEFT in test["title"]]
    good = f"{ways.count('passed')} of {len(ways)} ways leave none"
    return Row("processes left after leaving", good, "none", f"{CYCLES} times each way")
