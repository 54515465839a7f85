"""`heal`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from .conftest import Shell


async def test_all_that_is_unhealthy_is_healed_and_told(shell: Shell) -> None:
    code, printed, _ = await shell.run("heal")
    assert code == 0
    assert printed.splitlines() == [
        "healed  org/model  failed → online  0.0 s  answers again",
        "1 of 1 healed",
    ]
    assert shell.world.supervisor.calls == [("heal", None, False)]


async def test_one_model_by_name_and_the_emergency(shell: Shell) -> None:
    await shell.run("heal", "org/model", "--now")
    assert shell.world.supervisor.calls == [("heal", "org/model", True)]


async def test_nothing_to_heal_is_well(shell: Shell) -> None:
    shell.world.supervisor.move("org/model", State.ONLINE)
    code, printed, _ = await shell.run("heal")
    assert (code, printed) == (0, "nothing to heal: every model is healthy\n")


async def test_a_heal_that_fails_is_exit_code_1(shell: Shell) -> None:
    shell.world.supervisor.heal_fails = True
    code, printed, _ = await shell.run("heal")
    assert code == 1
    assert printed.startswith("failed  org/model")


async def test_an_unknown_model_is_exit_code_66(shell: Shell) -> None:
    code, printed, error = await shell.run("heal", "nope")
    assert (code, printed) == (66, "")
    assert "known: demo, org/model" in error


async def test_json_is_the_report_of_the_api(shell: Shell) -> None:
    code, printed, _ = await shell.run("heal", "--json")
    report = json.loads(printed)
    assert code == 0
    assert report["finished"] is True
    assert report["results"][0]["name"] == "org/model"
