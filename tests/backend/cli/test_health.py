"""`health` is about the sidecar alone."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from .conftest import Shell


async def test_it_is_well_although_a_model_is_not(shell: Shell) -> None:
    assert (await shell.run("status"))[0] == 1
    code, out, _ = await shell.run("health")
    assert code == 0
    assert out.startswith("ok: pid ")


async def test_it_prints_json(shell: Shell) -> None:
    code, out, _ = await shell.run("health", "--json")
    assert (code, json.loads(out)["status"]) == (0, "ok")


def test_without_a_sidecar_it_is_not() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = subprocess.run(
        [sys.executable, "-m", "llama_runner_pro", "health", *("--url", url)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 69
    assert "not running" in done.stderr
