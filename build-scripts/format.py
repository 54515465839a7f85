"""`npm run format`: brings every source file into the project's form."""

from __future__ import annotations

import subprocess
import sys

from bootstrap import parts, ready_or_exit
from places import ROOT, node_tool, venv_program


def main() -> int:
    """Formats and mends what can be mended without thinking; gives the worst exit code."""
    ready_or_exit(parts(with_dev=True, with_page=False))
    ruff = venv_program("ruff")
    prettier = node_tool("prettier", "bin/prettier.cjs")
    commands: tuple[tuple[str, ...], ...] = (
        (ruff, "check", "--fix", "."),
        (ruff, "format", "."),
        (*prettier, "--write", "--log-level", "warn", "."),
    )
    return max(subprocess.run(command, cwd=ROOT, check=False).returncode for command in commands)


if __name__ == "__main__":
    sys.exit(main())
