"""`guard` on a command line."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

GUARD = [sys.executable, "-m", "llama_runner_pro", "guard"]


def test_it_ends_with_the_sidecar_that_told_it_nothing() -> None:
    done = subprocess.run(GUARD, input=b"", capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_on_a_terminal_it_says_that_it_is_not_for_people() -> None:
    terminal, side = pty.openpty()
    done = subprocess.run(
        GUARD, stdin=side, capture_output=True, text=True, timeout=120, check=False
    )
    os.close(terminal)
    os.close(side)
    assert done.returncode == 64
    assert "started by the desktop app" in done.stderr
