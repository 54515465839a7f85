"""Writes every lock file anew: `npm run lock`, then commit what changed.

The Python locks carry hashes and hold for every operating system and Python version
(environment markers), so one set serves Linux, macOS and Windows alike. The resolver, uv,
is used by this script only and lives in a folder of its own under `.build`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from places import IS_WINDOWS, LOCKS, ROOT, WORKSHOP, npm, shown

if TYPE_CHECKING:
    from pathlib import Path

RESOLVER = WORKSHOP / "resolver"

EXTRAS = ("engine", "alerts", "otlp")
EARLIER = ("runtime", "build", "dev", "freeze", "clients")
# Each later lock is resolved so that it agrees with the earlier ones.
PLAN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("runtime", ("pyproject.toml", *(word for extra in EXTRAS for word in ("--extra", extra)))),
    ("build", ("--group", "build", "--constraint", "build-scripts/locks/runtime.txt")),
    (
        "dev",
        (
            *("--group", "dev"),
            *("--constraint", "build-scripts/locks/runtime.txt"),
            *("--constraint", "build-scripts/locks/build.txt"),
        ),
    ),
    (
        "freeze",
        (
            *("--group", "freeze"),
            *("--constraint", "build-scripts/locks/build.txt"),
            *("--constraint", "build-scripts/locks/dev.txt"),
        ),
    ),
    ("demo", ("--group", "demo", "--no-deps")),
    ("servers", ("--group", "servers", "--no-deps")),
    ("electron", ("--group", "electron", "--no-deps")),
    (
        "clients",
        (
            *("--group", "clients"),
            *("--constraint", "build-scripts/locks/runtime.txt"),
            *("--constraint", "build-scripts/locks/dev.txt"),
        ),
    ),
    (
        "release",
        (
            *("--group", "release"),
            *(
                word
                for lock in EARLIER
                for word in ("--constraint", f"build-scripts/locks/{lock}.txt")
            ),
        ),
    ),
)
COMMON = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate"),
    *("--no-emit-index-url", "--no-emit-find-links"),
)


def plain_environment() -> dict[str, str]:
    """The environment without settings of pip that would leak local folders into a lock."""
    return {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}


def resolver() -> Path:
    """Installs uv beside the project when it is missing and gives the path of its program."""
    scripts = RESOLVER / ("Scripts" if IS_WINDOWS else "bin")
    program = scripts / ("uv.exe" if IS_WINDOWS else "uv")
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(RESOLVER)], check=True)
        python = scripts / ("python.exe" if IS_WINDOWS else "python")
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "uv"],
            check=True,
            env=plain_environment(),
        )
    return program


def lock_python(upgrade: bool) -> None:
    """Writes build-scripts/locks/*.txt; with `upgrade` the newest allowed versions are taken."""
    program = str(resolver())
    LOCKS.mkdir(parents=True, exist_ok=True)
    for name, source in PLAN:
        target = LOCKS / f"{name}.txt"
        command = [program, *COMMON, *source, "--output-file", str(target)]
        subprocess.run(
            command + (["--upgrade"] if upgrade else []),
            check=True,
            cwd=ROOT,
            env=plain_environment(),
        )
        sys.stdout.write(f"wrote {shown(target)}\n")


def without_addresses(lock: dict[str, object]) -> dict[str, object]:
    """The npm lock without `resolved`: versions and integrity hashes say enough."""
    packages = lock.get("packages")
    if isinstance(packages, dict):
        for entry in packages.values():
            entry.pop("resolved", None)
    return lock


def lock_node() -> None:
    """Writes package-lock.json from package.json, free of download addresses."""
    options = ("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
    subprocess.run([npm(), "install", *options], check=True, cwd=ROOT)
    path = ROOT / "package-lock.json"
    lock = without_addresses(json.loads(path.read_text("utf-8")))
    path.write_text(json.dumps(lock, indent=2) + "\n", "utf-8")
    sys.stdout.write("wrote package-lock.json\n")


def main() -> int:
    """Locks both languages. `--upgrade` moves the Python side to the newest versions."""
    lock_python(upgrade="--upgrade" in sys.argv[1:])
    lock_node()
    return 0


if __name__ == "__main__":
    sys.exit(main())
