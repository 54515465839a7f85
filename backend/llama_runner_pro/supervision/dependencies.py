"""Endpoints that need others: which is waited for, who hears of it, in which order they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.supervision.events import EndpointChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import SupervisionEvent
    from llama_runner_pro.supervision.monitor import Monitor

_NO_OUTAGE = SERVING | {State.DISABLED}
"""One that is switched off is not watched: nothing is known of it, so nobody waits for it."""


class HasMonitor(Protocol):
    """What the supervisor keeps per endpoint."""

    @property
    def monitor(self) -> Monitor:
        """Its monitor."""
        ...


def waited_for(spec: EndpointSpec, state_of: Callable[[str], State | None]) -> str | None:
    """The first endpoint of `depends_on` that is not ready; None when all are. Pure.

    `state_of` gives None for a name that is not configured, which counts as no outage.
    """
    for name in spec.depends_on:
        state = state_of(name)
        if state is not None and state not in _NO_OUTAGE:
            return name
    return None


def stop_waves(specs: Iterable[EndpointSpec]) -> list[list[str]]:
    """Names in the order in which they end: those that others need come after these. Pure.

    A cycle, which no configuration may have, ends in one last wave.
    """
    needs = {spec.name: set(spec.depends_on) for spec in specs}
    waves: list[list[str]] = []
    while needs:
        needed = {name for names in needs.values() for name in names}
        wave = [name for name in needs if name not in needed] or list(needs)
        waves.append(wave)
        for name in wave:
            del needs[name]
    return waves


class Dependencies:
    """Tells endpoints of outages of what they depend on. Use from the event loop only."""

    def __init__(self, watched: Mapping[str, HasMonitor]) -> None:
        self._watched = watched
        self._children: dict[str, list[str]] = {}

    def rearrange(self) -> None:
        """Take in which endpoints there are now, before they run."""
        self._children = {}
        for name, watched in self._watched.items():
            for parent in watched.monitor.spec.depends_on:
                self._children.setdefault(parent, []).append(name)
        for name in {child for children in self._children.values() for child in children}:
            self._tell(name)

    def heard(self, news: SupervisionEvent) -> None:
        """Listen to the supervisor's topic."""
        if isinstance(news, EndpointChanged):
            for child in self._children.get(news.view.name, ()):
                self._tell(child)

    def _tell(self, child: str) -> None:
        watched = self._watched.get(child)
        if watched is not None:
            watched.monitor.wait_for(waited_for(watched.monitor.spec, self._state_of))

    def _state_of(self, name: str) -> State | None:
        watched = self._watched.get(name)
        return None if watched is None else watched.monitor.condition.state
