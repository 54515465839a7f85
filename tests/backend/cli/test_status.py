"""`status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fakes.supervisor import view

from llama_runner_pro.cli.main import main
from llama_runner_pro.cli.status import LOOKS
from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from .conftest import Shell


async def test_every_model_is_a_line_with_icon_and_word(shell: Shell) -> None:
    code, printed, _ = await shell.run("status")
    head, demo, other, *_ = printed.splitlines()
    assert code == 1
    assert head.split()[:3] == ["NAME", "STATE", "KIND"]
    assert demo.split() == [
        "●",
        "demo",
        "online",
        "llamacpp",
        "8080",
        "4242",
        "3.5",
        "ms",
        "0",
        "-",
    ]
    assert other.split()[:3] == ["✖", "org/model", "failed"]
    assert printed.splitlines()[-1] == "degraded: 1 of 2 online"


async def test_all_well_is_exit_code_0(shell: Shell) -> None:
    shell.world.supervisor.move("org/model", State.DISABLED)
    code, printed, _ = await shell.run("status")
    assert code == 0
    assert printed.splitlines()[-1] == "healthy: 1 of 2 online"


async def test_reason_and_hint_stand_below_their_model(shell: Shell) -> None:
    shell.world.supervisor.by_name = {
        "demo": view("demo", State.FAILED, reason="no such\x1b file", hint="name another"),
        "busy": view("busy", State.HEALING, step="wait_ready"),
    }
    lines = (await shell.run("status"))[1].splitlines()
    assert lines[2:4] == ["   no such\ufffd file", "   name another"]
    assert "healing (wait ready)" in lines[4]


async def test_monitoring_that_is_off_is_told(shell: Shell) -> None:
    shell.world.supervisor.monitoring_active = False
    assert "; monitoring is off" in (await shell.run("status"))[1]


async def test_nothing_configured_says_what_to_try(shell: Shell) -> None:
    shell.world.supervisor.by_name.clear()
    code, printed, _ = await shell.run("status")
    assert code == 0
    assert "serve --demo" in printed


async def test_json_is_the_status_of_the_api(shell: Shell) -> None:
    code, printed, _ = await shell.run("status", "--json")
    status = json.loads(printed)
    assert code == 1
    assert status["overall_status"] == "degraded"
    assert status["models"]["demo"]["process_id"] == 4242


def test_a_sidecar_that_is_not_running_is_exit_code_69(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--url", "http://127.0.0.1:1", "--data-dir", str(tmp_path)]) == 69
    error = capsys.readouterr().err
    assert "is not running at http://127.0.0.1:1" in error
    assert "llama-runner-pro serve" in error


def test_every_state_has_its_look() -> None:
    assert set(LOOKS) == {state.value for state in State}
