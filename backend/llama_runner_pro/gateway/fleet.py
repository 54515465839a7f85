"""All servers with their breakers and slots: who could take a request, and the right to send it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.traffic import FAILURES
from llama_runner_pro.gateway.routing import Candidate, Go, choose
from llama_runner_pro.gateway.standing import Standing
from llama_runner_pro.resilience.bulkhead import Slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.endpoints.traffic import Ending
    from llama_runner_pro.gateway.breakers import Breakers
    from llama_runner_pro.gateway.catalog import Entry, Route
    from llama_runner_pro.gateway.ports import Ask, Servers, Upstream
    from llama_runner_pro.gateway.routing import Choice, Gate
    from llama_runner_pro.gateway.terms import Terms
    from llama_runner_pro.resilience.breaker import Attempt, Breaker

_HOMES = 4_096
_BUSY_MAX_S = 120.0
_BUSY_S = 1.0
"""For a server that says that it is busy, but not for how long."""


class Grant:
    """Satisfies `ports.Lease`."""

    __slots__ = ("_began_s", "_end", "keep_alive_s", "load_ms", "queue_ms", "upstream")

    def __init__(
        self,
        upstream: Upstream,
        began_s: float,
        keep_alive_s: float | None,
        end: Callable[[Grant, Ending, float | None], None],
    ) -> None:
        self.upstream = upstream
        self.queue_ms = 0.0
        self.load_ms = 0.0
        self.keep_alive_s = keep_alive_s
        self._began_s = began_s
        self._end: Callable[[Grant, Ending, float | None], None] | None = end

    def end(self, ending: Ending, *, retry_after_s: float | None = None) -> None:
        """Give everything back. A second call is nothing."""
        end, self._end = self._end, None
        if end is not None:
            end(self, ending, retry_after_s)

    def held_s(self, now_s: float) -> float:
        """How long it has been held."""
        return now_s - self._began_s


class Fleet:
    """Use from the event loop only. `freed` is called when a slot or a server became free."""

    def __init__(self, terms: Terms, servers: Servers, breakers: Breakers, clock: Clock) -> None:
        self.terms = terms
        self.standings: dict[str, Standing] = {}
        self.freed: Callable[[Standing], None] = lambda _: None
        self.breakers = breakers
        self._servers, self._clock = servers, clock
        self._slots: dict[Route, Slots] = {}
        self._busy_until_s: dict[Route, float] = {}
        self._homes: OrderedDict[bytes, str] = OrderedDict()

    def seen(self, view: EndpointView) -> Standing:
        """An endpoint is new, or changed."""
        standing = self.standings.get(view.name)
        if standing is None:
            standing = self.standings[view.name] = Standing(view)
        served = standing.serving_since_s is not None
        standing.seen(view, self._clock.monotonic())
        if not served:
            standing.keep_s = self.terms.stay(view.name).keep_s
        self.breakers.incarnated(view.name, view.incarnation)
        return standing

    def heard(self, name: str) -> None:
        """An active check of that endpoint went well."""
        standing = self.standings.get(name)
        if standing is not None:
            standing.doubted = False
            self.breakers.ready(name)

    def gone(self, name: str) -> None:
        """An endpoint left the configuration. Requests that run there end by themselves."""
        self.standings.pop(name, None)
        self.breakers.forget(name)
        for route in [route for route in self._busy_until_s if route.endpoint == name]:
            del self._busy_until_s[route]
        for route in [route for route in self._slots if route.endpoint == name]:
            del self._slots[route]

    def slots(self, entry: Entry, route: Route) -> Slots:
        """The slots of a model on a server."""
        slots = self._slots.get(route)
        if slots is None:
            slots = self._slots[route] = Slots(self.terms.capacity(entry, route))
        return slots

    def resized(self) -> None:
        """What limits the slots has changed."""
        for entry in self.terms.catalog.entries:
            for route in entry.routes:
                if route in self._slots:
                    self._slots[route].capacity = self.terms.capacity(entry, route)

    # --- choosing --------------------------------------------------------------------------------

    def choose(self, entry: Entry, ask: Ask) -> Choice:
        """Whom to send it to, or what has to happen first."""
        home = None if ask.affinity is None else self._homes.get(ask.affinity)
        candidates = [self._candidate(entry, route) for route in entry.routes]
        return choose(entry.name, candidates, home=home, avoid=ask.avoid)

    def try_now(self, entry: Entry, ask: Ask) -> Grant | Choice:
        """A grant if one can be had at once, else what stands in the way."""
        choice = self.choose(entry, ask)
        return self.grant(entry, choice.index, ask) if isinstance(choice, Go) else choice

    def _candidate(self, entry: Entry, route: Route) -> Candidate:
        standing = self.standings.get(route.endpoint)
        if standing is None:
            return Candidate(route.endpoint, "down", reason="it is not watched")
        now_s = self._clock.monotonic()
        breaker = self.breakers.of(route.endpoint, route.model)
        gate: Gate = "passes"
        if not breaker.passes:
            gate = "forced" if breaker.forced else "held"
        busy_s = self._busy_until_s.get(route, now_s)
        phase = standing.phase()
        return Candidate(
            route.endpoint,
            phase,
            gate,
            self.slots(entry, route).free if busy_s <= now_s else 0,
            standing.in_flight,
            standing.cooling_until_s - now_s,
            busy_s if busy_s > now_s else breaker.retry_at_s,
            standing.doubted,
            None if phase == "ready" else standing.words(),
        )

    def grant(self, entry: Entry, index: int, ask: Ask) -> Grant:
        """Take the slot of a route that `choose` has chosen just now."""
        route = entry.routes[index]
        standing, slots = self.standings[route.endpoint], self.slots(entry, route)
        breaker = self.breakers.of(route.endpoint, route.model)
        upstream = standing.upstream(route.model, self._servers.headers(route.endpoint))
        attempt = breaker.admit()
        if attempt is None or not slots.take():
            raise RuntimeError(f"{route.endpoint} was chosen, but cannot take a request")
        standing.in_flight += 1
        if ask.affinity is not None:
            self._remember(ask.affinity, route.endpoint)

        def end(grant: Grant, ending: Ending, retry_after_s: float | None) -> None:
            now_s = self._clock.monotonic()
            slots.give_back(grant.held_s(now_s))
            if ending == "busy":
                wait_s = _BUSY_S if retry_after_s is None else retry_after_s
                self._busy_until_s[route] = now_s + min(_BUSY_MAX_S, max(0.0, wait_s))
            self._ended(standing, breaker, attempt, grant, ending)

        return Grant(upstream, self._clock.monotonic(), ask.keep_alive_s, end)

    def _ended(
        self, standing: Standing, breaker: Breaker, attempt: Attempt, grant: Grant, ending: Ending
    ) -> None:
        standing.in_flight -= 1
        standing.last_used_s = self._clock.monotonic()
        if grant.keep_alive_s is None:
            standing.keep_s = self.terms.stay(standing.view.name).keep_s
        else:
            standing.keep_s = grant.keep_alive_s if grant.keep_alive_s >= 0 else None
        if ending == "connect_failed":
            standing.doubted = True
        self.breakers.ended(breaker, attempt, ending)
        if ending == "ok" or ending in FAILURES:
            self._servers.completed(standing.view.name, ok=ending == "ok")
        self.freed(standing)

    def _remember(self, affinity: bytes, endpoint: str) -> None:
        self._homes[affinity] = endpoint
        self._homes.move_to_end(affinity)
        if len(self._homes) > _HOMES:
            self._homes.popitem(last=False)
