"""What is told about processes, on real ones."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.supervision.diagnostics.processes import (
    details_text,
    family,
    open_text,
    tree_text,
)

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.children import Launcher

GONE = 2**22 + 1
"""No process has this number."""
CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("ready", child.pid, flush=True)
time.sleep(600)
"""
HOLDER = """
import socket, sys, time
file = open(sys.argv[1], "w")
listening = socket.create_server(("127.0.0.1", 0))
print("ready", listening.getsockname()[1], flush=True)
time.sleep(600)
"""
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc elsewhere")


async def test_the_tree_names_every_descendant_with_its_parent(launcher: Launcher) -> None:
    root = await launcher.python(CHILD)
    child = int(root.log_path.read_text().split()[1])
    assert family([root.pid]) == [root.pid, child]
    lines = tree_text([root.pid]).splitlines()
    assert len(lines) == 2
    assert f"pid {child}  parent {root.pid} " in lines[1]


async def test_a_command_line_is_told_without_the_values_of_secret_options(
    launcher: Launcher,
) -> None:
    code = "import time; print('ready', flush=True); time.sleep(600)"
    root = await launcher.python(code, "--api-key", "argv-secret-1", "--token=argv-secret-2")
    text = tree_text([root.pid])
    assert "--api-key" in text
    assert "argv-secret" not in text


async def test_open_files_and_sockets_are_listed(launcher: Launcher, tmp_path: Path) -> None:
    held = tmp_path / "held.bin"
    root = await launcher.python(HOLDER, str(held))
    port = root.log_path.read_text().split()[1]
    text = open_text([root.pid])
    assert str(held) in text
    assert f"127.0.0.1:{port}" in text
    assert "LISTEN" in text


@linux_only
async def test_the_kernel_tells_state_limits_and_where_it_waits(launcher: Launcher) -> None:
    root = await launcher.python(CHILD)
    text = details_text([root.pid])
    for expected in ("State:", "Max open files", ": wchan", ": stack", "waits in: "):
        assert expected in text


def test_a_process_that_is_gone_leaves_a_sentence() -> None:
    for tell in (tree_text, details_text, open_text):
        assert tell([GONE]) == "No process was running.\n"
