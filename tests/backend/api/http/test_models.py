"""Commands for one model."""

from __future__ import annotations

import pytest
from fakes.api_world import World, call
from fakes.configured import TOKEN

from llama_runner_pro.core.errors import Refused, StartFailed

MODELS = "/api/ai-monitor/models"


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("enable", "starting"),
        ("disable", "disabled"),
        ("start", "starting"),
        ("stop", "stopped"),
        ("restart", "starting"),
    ],
)
async def test_a_command_reaches_its_model_and_shows_how_it_is_now(
    world: World, verb: str, state: str
) -> None:
    answer = await call(world.app(), "POST", f"{MODELS}/org%2Fmodel/{verb}", body=b"{}")
    assert (answer.status, answer.json["status"]) == (200, "success")
    assert answer.json["data"]["state"] == state
    assert answer.json["message"].startswith("org/model is ")
    assert world.supervisor.calls == [(verb, "org/model")]


@pytest.mark.parametrize("verb", ["enable", "disable"])
async def test_a_switch_that_a_full_disk_will_forget_says_so(world: World, verb: str) -> None:
    world.supervisor.unkept = "No space left on device"
    answer = await call(world.app(), "POST", f"{MODELS}/demo/{verb}")
    assert (answer.status, answer.json["status"]) == (200, "warning")
    message = answer.json["message"]
    assert message.startswith(f"demo is {verb}d, but only until the sidecar is restarted")
    assert "(No space left on device)" in message
    assert "Make room" in message


async def test_a_proposal_is_accepted_with_the_token(world: World) -> None:
    path = f"{MODELS}/org%2Fmodel/accept-proposal"
    answer = await call(world.app(), "POST", path, headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status, answer.json["message"]) == (200, "org/model is starting")
    assert world.supervisor.calls == [("accept_proposal", "org/model")]


async def test_what_is_not_possible_now_says_why(world: World) -> None:
    world.supervisor.refuse_with = Refused("demo is already running")
    answer = await call(world.app(), "POST", f"{MODELS}/demo/start")
    assert (answer.status, answer.json["data"]["code"]) == (409, "refused")
    assert answer.json["message"] == "demo is already running"


async def test_a_model_that_cannot_be_started_says_why(world: World) -> None:
    world.supervisor.refuse_with = StartFailed("there is no program called llama-server")
    answer = await call(world.app(), "POST", f"{MODELS}/demo/start")
    assert (answer.status, answer.json["data"]["code"]) == (502, "start_failed")


async def test_an_unknown_verb_is_no_address(world: World) -> None:
    answer = await call(world.app(), "POST", f"{MODELS}/demo/launch")
    assert (answer.status, answer.json["data"]["code"]) == (404, "unknown_route")
