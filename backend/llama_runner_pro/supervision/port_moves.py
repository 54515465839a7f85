"""Debug mode: an endpoint whose port somebody else holds moves to the next free one by itself."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.core.errors import LlamaRunnerError
from llama_runner_pro.supervision.events import EndpointChanged

if TYPE_CHECKING:
    from llama_runner_pro.core.topic import Topic
    from llama_runner_pro.supervision.events import SupervisionEvent

_log = logging.getLogger(__name__)
MOST_MOVES = 3
"""Per endpoint while this sidecar runs: whoever takes every port is not to be run from for ever."""


class Proposing(Protocol):
    """The supervisor, as far as it matters here."""

    topic: Topic[SupervisionEvent]
    debug_mode: bool

    async def accept_proposal(self, name: str, /) -> object:
        """Change the configuration as the endpoint's card proposes."""
        ...


class PortMoves:
    """Accepts what a failed endpoint proposes, if that is another port and debug mode is on.

    As with a click on the proposal, the configuration file is changed and a backup kept: the next
    sidecar has to find the process where it is.
    """

    def __init__(self, endpoints: Proposing) -> None:
        self._endpoints = endpoints
        self._waiting: dict[str, None] = {}
        self._news = asyncio.Event()
        self._moved: Counter[str] = Counter()
        endpoints.topic.listen(self._heard)

    def _heard(self, news: SupervisionEvent) -> None:
        if not isinstance(news, EndpointChanged) or not self._endpoints.debug_mode:
            return
        proposal = news.view.proposal
        if proposal is not None and proposal.kind == "port":
            self._waiting[news.view.name] = None
            self._news.set()

    async def run(self) -> None:
        """Move endpoints, one after the other, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                name = next(iter(self._waiting))
                del self._waiting[name]
                await self._move(name)

    async def _move(self, name: str) -> None:
        if self._moved[name] >= MOST_MOVES:
            return
        self._moved[name] += 1
        try:
            await self._endpoints.accept_proposal(name)
        except LlamaRunnerError as error:
            _log.warning("%s: not moved to another port: %s", name, error)
        else:
            _log.info("%s: moved to another port, since debug mode is on", name)
