"""`npm run lint`: form and lint of the files that you changed, before the whole gate looks."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bootstrap import parts, ready_or_exit
from places import PAGE, ROOT, node_tool, venv_program

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# What the changes are compared with, the first that there is.
BASES = ("origin/main", "main", "HEAD")
SCRIPTS = (".ts", ".vue", ".js", ".mjs")


def _git(checkout: Path, *words: str) -> list[str]:
    done = subprocess.run(
        ("git", *words), cwd=checkout, check=False, capture_output=True, text=True
    )
    return done.stdout.split("\0") if done.returncode == 0 else []


def changed(checkout: Path) -> list[str]:
    """Files that differ from where this branch left main, and new ones; not the deleted ones."""
    parting = (_git(checkout, "merge-base", "HEAD", base) for base in BASES)
    since = next((found[0].strip() for found in parting if found), "HEAD")
    differing = _git(checkout, "diff", "-z", "--name-only", "--diff-filter=d", since)
    new = _git(checkout, "ls-files", "-z", "--others", "--exclude-standard")
    return sorted({name for name in (*differing, *new) if name})


def commands(files: Iterable[str]) -> list[tuple[str, ...]]:
    """What looks at these files, each of the gate's tools at those that it knows."""
    every = list(files)
    python = [name for name in every if name.endswith(".py")]
    scripts = [name for name in every if name.endswith(SCRIPTS)]
    shell = [name for name in scripts if name.startswith("electron/")]
    page = [name for name in scripts if name.startswith(("frontend/", "tests/", "build-scripts/"))]
    ruff = venv_program("ruff")
    eslint = (*node_tool("eslint", "bin/eslint.js"), "--max-warnings", "0", "--no-warn-ignored")
    prettier = (*node_tool("prettier", "bin/prettier.cjs"), "--check", "--ignore-unknown")
    offered: list[tuple[tuple[str, ...], list[str]]] = [
        ((ruff, "check", "--force-exclude"), python),
        ((ruff, "format", "--check", "--force-exclude"), python),
        ((*prettier, "--log-level", "warn"), every),
        ((*eslint, "--config", str(ROOT / "electron" / "eslint.config.js")), shell),
        ((*eslint, "--config", str(PAGE / "eslint.config.js")), page),
    ]
    return [(*command, *names) for command, names in offered if names]


def main() -> int:
    """Runs all of them, also after one that found something; gives the worst exit code."""
    ready_or_exit(parts(with_dev=True, with_page=False))
    files = changed(ROOT)
    sys.stdout.write(f"{len(files)} changed files\n")
    sys.stdout.flush()
    done = [subprocess.run(command, cwd=ROOT, check=False) for command in commands(files)]
    return max((one.returncode for one in done), default=0)


if __name__ == "__main__":
    sys.exit(main())
