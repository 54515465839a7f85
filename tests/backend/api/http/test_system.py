"""The sidecar itself."""

from __future__ import annotations

import os
import platform

from fakes.api_world import World, call

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
