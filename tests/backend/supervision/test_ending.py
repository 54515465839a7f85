"""The order in which processes end with the sidecar."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock, settle
from fakes.watching import Watching

from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.ending import end_all
from llama_runner_pro.supervision.recovery_log import RecoveryLog
from llama_runner_pro.supervision.watched import Watched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Pair:
    """`app` depends on `db`; both are online."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        recovery = RecoveryLog(folder / "ai_recovery.log", self.clock, lambda incident: None)
        self.hurried: list[float] = []
        self.rooms = {
            name: Watching(
                folder,
                spec=EndpointSpec(name=name, port=8080, depends_on=needs),
                clock=self.clock,
                recovery=recovery,
            )
            for name, needs in {"db": (), "app": ("db",)}.items()
        }

    async def end(self) -> None:
        """As the supervisor does."""
        watched = {
            name: Watched(
                monitor=room.monitor,
                tend=lambda: None,
                stops_on_exit=lambda: True,
                hurry=self.hurried.append,
                adjust=lambda spec: None,
            )
            for name, room in self.rooms.items()
        }
        await end_all(watched, self.clock, 8.0)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    made = Pair(tmp_path)
    async with made.rooms["db"], made.rooms["app"]:
        for room in made.rooms.values():
            await room.online()
        yield made


async def test_what_others_need_ends_after_them(pair: Pair) -> None:
    db, app = pair.rooms["db"], pair.rooms["app"]
    app.host.gate = asyncio.Event()
    ending = asyncio.create_task(pair.end())
    await settle()
    assert (app.state, db.state) == (State.STOPPING, State.ONLINE)
    app.host.gate.set()
    await ending
    assert (app.state, db.state) == (State.STOPPED, State.STOPPED)
    assert pair.hurried == [2.0, 2.0]


async def test_the_deadline_holds_for_all_together(pair: Pair) -> None:
    pair.rooms["app"].host.gate = asyncio.Event()
    ending = asyncio.create_task(pair.end())
    await settle()
    await pair.clock.advance(8.0)
    await ending
    pair.rooms["app"].host.gate.set()
