"""install.sh on a computer that nobody has used yet: to a dashboard, and through an upgrade."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).resolve().parents[1] / "installers" / "fresh"
NEEDS = "needs root, a built backend and a fresh Debian: npm run test:install makes them"


def measure() -> list[Row]:
    """Both figures; a row that says what is missing where they cannot be taken."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["bash", str(FOLDER / "measure.bash"), folder],
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
    if done.returncode != 0:
        sys.stdout.write(f"install: {NEEDS}\n")
        return [Row("one command → running dashboard", "-", "≤ 30 s", NEEDS)]
    return list(_rows(done.stdout))


def _rows(said: str) -> Iterable[Row]:
    figures = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    remark = "real program, web server on this computer"
    yield Row("one command → running dashboard", f"{figures['fresh_s']} s", "≤ 30 s", remark)
    yield Row("upgrade: time without service", f"{figures['gap_s']} s", "≤ 3 s", remark)
