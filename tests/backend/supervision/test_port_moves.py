"""In debug mode an endpoint gets out of a port thief's way by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.supervisor import view

from llama_runner_pro.core.errors import Refused
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.ports import Proposal
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.events import EndpointChanged, SupervisionEvent
from llama_runner_pro.supervision.port_moves import MOST_MOVES, PortMoves

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PORT = Proposal(kind="port", summary="use port 8082 instead of 8081", port=8082)
SMALLER = Proposal(kind="parameters", summary="use less context", parameters={"ctx-size": 1024})


class Moving:
    """Endpoints that fail, and what was accepted for them."""

    def __init__(self) -> None:
        self.topic: Topic[SupervisionEvent] = Topic()
        self.debug_mode = True
        self.refuses: set[str] = set()
        self.accepted: list[str] = []
        self.moves = PortMoves(self)

    async def accept_proposal(self, name: str) -> None:
        """What a click would do."""
        if name in self.refuses:
            raise Refused("it is not in the file")
        self.accepted.append(name)

    async def failed(self, name: str, proposal: Proposal | None) -> None:
        """An endpoint gives up, and proposes something."""
        self.topic.publish(EndpointChanged(view(name, State.FAILED, proposal=proposal)))
        await settle()


@pytest.fixture
async def moving() -> AsyncIterator[Moving]:
    made = Moving()
    running = asyncio.create_task(made.moves.run())
    await settle()
    yield made
    running.cancel()
    await asyncio.wait([running])


async def test_a_proposed_port_is_taken(moving: Moving) -> None:
    await moving.failed("demo", PORT)
    assert moving.accepted == ["demo"]


async def test_without_debug_mode_the_proposal_waits_for_a_person(moving: Moving) -> None:
    moving.debug_mode = False
    await moving.failed("demo", PORT)
    assert moving.accepted == []


async def test_other_proposals_wait_for_a_person(moving: Moving) -> None:
    await moving.failed("demo", SMALLER)
    await moving.failed("demo", None)
    assert moving.accepted == []


async def test_nobody_is_run_from_for_ever(moving: Moving) -> None:
    for _ in range(MOST_MOVES + 4):
        await moving.failed("demo", PORT)
    await moving.failed("other", PORT)
    assert moving.accepted == ["demo"] * MOST_MOVES + ["other"]


async def test_one_that_cannot_be_moved_keeps_no_other_from_it(
    moving: Moving, caplog: pytest.LogCaptureFixture
) -> None:
    moving.refuses.add("demo")
    await moving.failed("demo", PORT)
    await moving.failed("other", PORT)
    assert moving.accepted == ["other"]
    assert "it is not in the file" in caplog.text
