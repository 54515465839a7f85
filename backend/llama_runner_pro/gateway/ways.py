"""By which way the last request for each name went: the next one goes there without weighing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llama_runner_pro.gateway.grant import Grant

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Operation
    from llama_runner_pro.gateway.catalog import Catalog, Entry
    from llama_runner_pro.gateway.fleet import Fleet
    from llama_runner_pro.gateway.grant import Lane
    from llama_runner_pro.gateway.ports import Ask, Servers, Upstream
    from llama_runner_pro.gateway.standing import Standing

_WAYS = 256


class _Way(NamedTuple):
    """Found out once."""

    catalog: Catalog
    """That of the time: another one may mean something else by the name."""
    standing: Standing
    lane: Lane
    upstream: Upstream


class Ways:
    """Use from the event loop only."""

    def __init__(self, fleet: Fleet, servers: Servers, clock: Clock) -> None:
        self._fleet, self._servers, self._clock = fleet, servers, clock
        self._ways: dict[tuple[str, Operation], _Way] = {}

    def remember(self, entry: Entry, ask: Ask, grant: Grant) -> None:
        """So it went, for a model that only one server has. Derived ones are never usual."""
        if entry.recipe is not None:
            return
        if len(self._ways) >= _WAYS:
            self._ways.clear()
        way = _Way(self._fleet.terms.catalog, grant.standing, grant.lane, grant.upstream)
        self._ways[ask.model, ask.operation] = way

    def forget(self) -> None:
        """A server is gone."""
        self._ways.clear()

    def again(self, model: str, operation: Operation, keep_alive_s: float | None) -> Grant | None:
        """A grant in the same way, if all still stands as it did. None: it must be weighed."""
        way = self._ways.get((model, operation))
        if way is None:
            return None
        catalog, standing, lane, upstream = way
        now_s, slots = self._clock.monotonic(), lane.slots
        if (
            catalog is not self._fleet.terms.catalog
            or slots.taken >= slots.capacity
            or lane.busy_until_s > now_s
            or standing.upstreams.get(upstream.model) is not upstream
            or upstream.headers is not self._servers.headers(upstream.endpoint)
            or upstream.model in standing.guests
            or standing.phase() != "ready"
        ):
            return None
        attempt = lane.breaker.admit()
        if attempt is None:
            return None
        slots.taken += 1
        standing.in_flight += 1
        return Grant(self._fleet, standing, lane, attempt, upstream, now_s, keep_alive_s)
