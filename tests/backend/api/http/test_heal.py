"""Healing on request."""

from __future__ import annotations

import asyncio

import pytest
from fakes.api_world import World, call
from fakes.clock import settle

from llama_runner_pro.api.http.heal import WAIT_LIMIT_S
from llama_runner_pro.core.errors import Refused
from llama_runner_pro.endpoints.states import State

FAMILY = "/api/ai-monitor"


async def test_healing_without_a_name_heals_what_is_unhealthy(world: World) -> None:
    answer = await call(world.app(), "POST", f"{FAMILY}/heal")
    assert (answer.status, answer.json["status"]) == (200, "success")
    assert answer.json["message"] == "1 of 1 healed"
    (result,) = answer.json["data"]["results"]
    assert (result["name"], result["before"], result["after"]) == ("org/model", "failed", "online")
    assert world.supervisor.calls == [("heal", None, False)]


async def test_healing_when_all_is_well_says_so(world: World) -> None:
    world.supervisor.move("org/model", State.ONLINE)
    answer = (await call(world.app(), "POST", f"{FAMILY}/heal")).json
    assert answer["status"] == "success"
    assert answer["message"] == "nothing to heal: every model is healthy"
    assert answer["data"]["results"] == []


async def test_one_model_is_named_in_the_body_or_in_the_address(world: World) -> None:
    app = world.app()
    await call(app, "POST", f"{FAMILY}/heal", body=b'{"model": "org/model"}')
    await call(app, "POST", f"{FAMILY}/models/org%2Fmodel/heal")
    answer = await call(app, "POST", f"{FAMILY}/models/demo/heal")
    assert answer.json["message"] == "demo is healthy"
    assert world.supervisor.calls == [
        ("heal", "org/model", False),
        ("heal", "org/model", False),
        ("heal", "demo", False),
    ]


async def test_the_emergency_is_passed_on_as_such(world: World) -> None:
    await call(world.app(), "POST", f"{FAMILY}/heal-now")
    assert world.supervisor.calls == [("heal", None, True)]


async def test_a_heal_that_fails_is_a_warning_with_the_reason(world: World) -> None:
    world.supervisor.heal_fails = True
    answer = (await call(world.app(), "POST", f"{FAMILY}/heal")).json
    assert answer["status"] == "warning"
    assert answer["message"] == "0 of 1 healed; org/model: the port is taken"


async def test_an_unknown_model_is_a_404_that_lists_the_known_ones(world: World) -> None:
    answer = await call(world.app(), "POST", f"{FAMILY}/heal", body=b'{"model": "x"}')
    assert (answer.status, answer.json["status"]) == (404, "error")
    assert "known: demo, org/model" in answer.json["message"]


async def test_a_heal_that_makes_no_sense_is_refused(world: World) -> None:
    world.supervisor.refuse_with = Refused("demo is disabled")
    answer = await call(world.app(), "POST", f"{FAMILY}/models/demo/heal")
    assert (answer.status, answer.json["message"]) == (409, "demo is disabled")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{FAMILY}/heal", b'{"wait": false}'),
        (f"{FAMILY}/heal-now", b'{"wait": false}'),
        (f"{FAMILY}/models/org%2Fmodel/heal", b'{"wait": false}'),
    ],
)
async def test_without_waiting_the_handle_comes_at_once(
    world: World, path: str, body: bytes
) -> None:
    world.supervisor.heals_end_at_once = False
    app = world.app()
    answer = await call(app, "POST", path, body=body)
    assert (answer.status, answer.json["data"]["finished"]) == (202, False)
    assert "under way" in answer.json["message"]
    handle = answer.json["data"]["operation_id"]
    running = await call(app, "GET", f"/api/operations/{handle}")
    assert running.json == {"operation_id": handle, "finished": False, "results": []}
    world.supervisor.operations[handle].over.set()
    done = await call(app, "GET", f"/api/operations/{handle}")
    assert (done.json["finished"], done.json["results"][0]["healed"]) == (True, True)


async def test_with_waiting_the_answer_comes_when_the_heal_is_over(world: World) -> None:
    world.supervisor.heals_end_at_once = False
    waiting = asyncio.ensure_future(call(world.app(), "POST", f"{FAMILY}/heal"))
    await settle()
    assert not waiting.done()
    world.supervisor.operations["op-1"].over.set()
    answer = await waiting
    assert (answer.status, answer.json["data"]["finished"]) == (200, True)


async def test_nobody_waits_for_ever(world: World) -> None:
    world.supervisor.heals_end_at_once = False
    waiting = asyncio.ensure_future(call(world.app(), "POST", f"{FAMILY}/heal"))
    await settle()
    await world.clock.advance(WAIT_LIMIT_S)
    answer = await waiting
    assert (answer.status, answer.json["data"]["finished"]) == (202, False)


async def test_an_unknown_operation_is_a_404(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/operations/op-9")
    assert (answer.status, answer.json["code"]) == (404, "unknown_operation")
