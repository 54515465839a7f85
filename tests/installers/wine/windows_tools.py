#!/usr/bin/env python3
"""Stands in for the curl.exe, tar.exe and certutil.exe of Windows, which wine does not have.

wine neither waits for programs of this system nor learns their exit codes. So a .cmd file per
tool starts this and waits for `done.cmd` beside it, which says what the tool says and ends with
its exit code. The work is the real one: HTTP, zip files, hashes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

SAID: list[str] = []


def say(text: str) -> None:
    """A line of the tool's output."""
    SAID.append(text)


def curl(arguments: list[str]) -> int:
    """Passed on to the real one, which knows all these options."""
    done = subprocess.run(["curl", *arguments], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        say(line)
    return done.returncode


def tar(arguments: list[str]) -> int:
    """Lists and unpacks a zip file as bsdtar does, links included."""
    try:
        archive = zipfile.ZipFile(arguments[-1].replace("\\", "/"))
    except (OSError, zipfile.BadZipFile):
        return 1
    for entry in archive.infolist():
        mode = entry.external_attr >> 16
        kind = "l" if stat.S_ISLNK(mode) else "d" if entry.is_dir() else "-"
        if arguments[0] == "-tf":
            say(entry.filename)
        elif arguments[0] == "-tvf":
            say(f"{kind}rwxr-xr-x  0 0 0 {entry.file_size} Jan  1 00:00 {entry.filename}")
        elif kind != "l":
            try:
                Path(archive.extract(entry)).chmod(0o755)
            except OSError:
                return 1
    return 0


def minisign(arguments: list[str]) -> int:
    """The real one of this system."""
    return subprocess.run(["minisign", *arguments], capture_output=True, check=False).returncode


def certutil(arguments: list[str]) -> int:
    """As a German Windows says it, in groups of two digits as older ones do."""
    try:
        content = Path(arguments[1]).read_bytes()
    except OSError:
        return 1
    digits = hashlib.sha256(content).hexdigest()
    say(f"SHA256-Hash von {arguments[1]}:")
    say(" ".join(digits[at : at + 2] for at in range(0, 64, 2)))
    say("CertUtil: -hashfile-Befehl wurde erfolgreich ausgefuehrt.")
    return 0


def fill(folder: Path) -> None:
    """Nothing more fits onto the disk of the folder."""
    with (folder / "filling").open("wb") as sink:
        while (free := os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize) > 0:
            os.posix_fallocate(sink.fileno(), sink.seek(0, os.SEEK_END), free)


def pause(sign: Path) -> None:
    """Until the sign is gone."""
    sign.touch()
    while sign.exists():
        time.sleep(0.1)


def main() -> int:
    """`windows_tools.py TOOL ARGUMENTS`; TOOLS_AT: `fill|pause|hang|end WORDS`, what happens."""
    if log := os.environ.get("TOOLS_LOG"):
        with Path(log).open("a", encoding="utf-8") as sink:
            sink.write(" ".join(sys.argv[1:]) + "\n")
    tool, arguments = sys.argv[1], sys.argv[2:]
    happening = os.environ.get("TOOLS_AT", "").split(maxsplit=1)
    if len(happening) > 1 and happening[1] in " ".join(sys.argv[1:]):
        if happening[0] == "fill":
            fill(Path.cwd())
        elif happening[0] == "end":
            return 1
        else:
            pause(Path(os.environ["TEMPORARY"]) / "hanging")
            if happening[0] == "hang":
                # Nobody waits for this tool any more.
                os._exit(1)
    if shutil.which("curl") is None and tool == "curl":
        return 127
    return {"curl": curl, "tar": tar, "certutil": certutil, "minisign": minisign}[tool](arguments)


code = main()
folder = Path(sys.argv[0]).parent
lines = ["@echo off", *(f"echo {line}" for line in SAID), f"exit /b {code}", ""]
(folder / "making.cmd").write_text("\r\n".join(lines), "ascii")
# Whole or not at all: somebody waits for it.
(folder / "making.cmd").rename(folder / "done.cmd")
