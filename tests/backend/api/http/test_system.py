"""The sidecar itself."""

from __future__ import annotations

import json
import os
import platform

from fakes.api_world import Answer, World, call
from fakes.configured import TOKEN

from llama_runner_pro.api.frames import WIRE_VERSION


async def test_health_says_who_we_are_and_since_when(world: World) -> None:
    app = world.app()
    world.clock.skip(2.5)
    answer = (await call(app, "GET", "/api/health")).json
    assert answer == {
        "status": "ok",
        "instance": "instance-1",
        "uptime_s": 2.5,
        "pid": os.getpid(),
        "otlp": {
            "enabled": False,
            "ok": None,
            "reason": None,
            "last_sent_ms": None,
            "sent": 0,
            "failed": 0,
        },
    }


async def test_version_tells_program_wire_and_python(world: World) -> None:
    answer = (await call(world.app(), "GET", "/api/version")).json
    assert answer == {
        "version": "1.2.3",
        "wire_version": WIRE_VERSION,
        "python": platform.python_version(),
    }


async def test_the_description_of_the_api_carries_our_version(world: World) -> None:
    answer = (await call(world.app(), "GET", "/api/openapi.json")).json
    assert answer["info"]["version"] == "1.2.3"


class TestTheEnd:
    """`POST /api/shutdown`."""

    async def end(self, world: World, body: dict[str, object], token: str = TOKEN) -> Answer:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        encoded = json.dumps(body).encode()
        return await call(world.app(), "POST", "/api/shutdown", body=encoded, headers=headers)

    async def test_with_the_token_the_sidecar_ends(self, world: World) -> None:
        answer = await self.end(world, {"instance": "instance-1", "keep_models": True})
        assert answer.status == 202
        assert answer.json == {"instance": "instance-1", "pid": os.getpid(), "within_s": 10.0}
        assert world.leaving.asked
        assert world.leaving.keep_models

    async def test_without_it_nothing_happens(self, world: World) -> None:
        assert (await self.end(world, {}, "wrong")).status == 401
        assert not world.leaving.asked

    async def test_a_sidecar_that_is_not_meant_goes_on(self, world: World) -> None:
        answer = await self.end(world, {"instance": "another"})
        assert answer.status == 409
        assert not world.leaving.asked

    async def test_a_wish_that_is_not_known_is_refused(self, world: World) -> None:
        assert (await self.end(world, {"keep_model": True})).status == 422
        assert not world.leaving.asked
