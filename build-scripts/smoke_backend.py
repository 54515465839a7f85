"""Starts a frozen sidecar once, asks how it is, and stops it: on every system, before packing.

`node build-scripts/run.mjs smoke_backend [FOLDER]`; FOLDER holds the frozen program, and is
`dist/backend` if not given.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

from places import DIST, IS_WINDOWS, ROOT

NAME = "llama-runner-pro-backend.exe" if IS_WINDOWS else "llama-runner-pro-backend"
ADDRESS = re.compile(r"is running: (http://\S+)")
STARTS_WITHIN_S = 120.0
ANSWERS_WITHIN_S = 20.0
STOPS_WITHIN_S = 30.0


class Broken(Exception):
    """The program does not do what it must; the text says what."""


def check_version(program: Path) -> None:
    """It says the version of this checkout."""
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["version"]
    said = subprocess.run(
        [program, "version"], capture_output=True, text=True, timeout=STARTS_WITHIN_S, check=False
    )
    if said.stdout.strip() != f"llama-runner-pro {wanted}":
        raise Broken(f"version says {said.stdout!r} {said.stderr!r} instead of {wanted}")


def address(serving: subprocess.Popen[str]) -> str:
    """Where it listens, as it says itself."""
    assert serving.stdout is not None
    said = []
    for line in serving.stdout:
        said.append(line)
        found = ADDRESS.search(line)
        if found:
            return found[1].rstrip("/")
    raise Broken(f"serve ended and said: {''.join(said)}")


def check_answers(url: str) -> None:
    """It is well and has a page."""
    for path, sign in (("/api/health", b'"ok"'), ("/", b"<script")):
        with urllib.request.urlopen(f"{url}{path}", timeout=ANSWERS_WITHIN_S) as answer:
            if sign not in answer.read():
                raise Broken(f"{path} answers without {sign!r}")


def check_serving(program: Path, folder: Path) -> None:
    """It serves, answers, and stops when its own command asks for it."""
    serving = subprocess.Popen(
        [program, "serve", "--data-dir", str(folder), "--port", "0", "--no-gateway"],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    # Reading a line waits as long as there is none: who never speaks is ended.
    too_late = threading.Timer(STARTS_WITHIN_S, serving.kill)
    too_late.start()
    try:
        check_answers(address(serving))
        stop = (str(program), "stop", "--data-dir", str(folder))
        subprocess.run(stop, check=True, timeout=STOPS_WITHIN_S)
        code = serving.wait(STOPS_WITHIN_S)
        if code != 0:
            raise Broken(f"serve ended with {code} after stop")
    finally:
        too_late.cancel()
        if serving.poll() is None:
            serving.kill()
        serving.wait()
        assert serving.stdout is not None
        serving.stdout.close()


def main(argv: list[str]) -> int:
    """0 when everything holds; else 1, and one line says what does not."""
    program = (Path(argv[0]) if argv else DIST / "backend").resolve() / NAME
    try:
        check_version(program)
        with tempfile.TemporaryDirectory() as folder:
            check_serving(program, Path(folder))
    except (Broken, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{program}: {error}\n")
        return 1
    sys.stdout.write(f"{program} starts, answers and stops\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
