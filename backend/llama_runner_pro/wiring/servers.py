"""The supervisor as the gateway sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import LoadFailed, Refused, UnknownEndpoint
from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.gateway.standing import card_words
from llama_runner_pro.supervision.events import EndpointChanged, EndpointRemoved, HeartbeatSeen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.gateway.admission import Admit
    from llama_runner_pro.supervision.discovery.findings import Discovery
    from llama_runner_pro.supervision.events import SupervisionEvent
    from llama_runner_pro.supervision.supervisor import Supervisor

_TRIES = 2
"""A start that comes while the process is being stopped is made once more after that."""
_NOTHING: dict[str, str] = {}


class SupervisedServers:
    """Satisfies `gateway.ports.Servers`. Use from the event loop only."""

    def __init__(self, supervisor: Supervisor, clock: Clock) -> None:
        self._supervisor, self._clock = supervisor, clock

    def views(self) -> Sequence[EndpointView]:
        """Every endpoint."""
        return self._supervisor.views()

    def headers(self, name: str) -> Mapping[str, str]:
        """What its configuration says to send with each request. Secret."""
        try:
            return self._supervisor.on_demand.spec(name).headers
        except UnknownEndpoint:
            return _NOTHING

    def ours(self, name: str) -> bool:
        """Its process was started by us, now or by an earlier sidecar."""
        try:
            return self._supervisor.on_demand.ours(name)
        except UnknownEndpoint:
            return False

    async def ensure_ready(self, name: str, deadline_s: float) -> EndpointView:
        """Start it, and what it depends on, unless it runs; wait until it serves.

        Raises `LoadFailed` with what its card says, `UnknownEndpoint`. Cancelling does not stop
        the start.
        """
        try:
            async with Deadline(self._clock, deadline_s):
                return await self._ready(name)
        except TimeoutError:
            raise LoadFailed(f"it was not ready within {deadline_s:g} s") from None

    async def _ready(self, name: str) -> EndpointView:
        view = self._supervisor.view(name)
        for parent in view.depends_on:
            if self._supervisor.view(parent).state not in (*SERVING, State.DISABLED):
                await self._ready(parent)
        for _ in range(_TRIES):
            if self._supervisor.view(name).state in SERVING:
                break
            await self._start(name)
            view = await self._supervisor.on_demand.settled(name)
            if view.state is not State.STOPPED:
                break
        view = self._supervisor.view(name)
        if view.state in SERVING:
            return view
        raise LoadFailed(card_words(view))

    async def _start(self, name: str) -> None:
        if self._supervisor.view(name).state is State.BACKOFF:
            # A start would cut the wait between two attempts short; only people may do that.
            return
        try:
            await self._supervisor.start(name)
        except Refused as refused:
            # It is on its way already, or must first come to an end; else it cannot start.
            if self._supervisor.view(name).state is State.DISABLED:
                raise LoadFailed(refused.reason) from refused

    async def unload(self, name: str, why: str) -> None:
        """End its process on purpose. Raises `Refused`, `UnknownEndpoint`."""
        await self._supervisor.on_demand.unload(name, why)

    def completed(self, name: str, *, ok: bool) -> None:
        """A request of a real client ended."""
        self._supervisor.completed(name, ok=ok)


def tell(admit: Admit, news: SupervisionEvent) -> None:
    """News of endpoints, in the words of the gateway."""
    if isinstance(news, EndpointChanged):
        admit.endpoint_seen(news.view)
    elif isinstance(news, EndpointRemoved):
        admit.endpoint_gone(news.name)
    elif isinstance(news, HeartbeatSeen):
        admit.endpoint_heard(news.name, ok=news.heartbeat.ok)


async def found_servers(clock: Clock, supervisor: Supervisor) -> Discovery:
    """Look for model servers; what that takes is loaded when somebody wants to know."""
    from llama_runner_pro.supervision.discovery.scan import look

    return await look(clock, supervisor.views())
