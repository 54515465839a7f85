"""All servers with their breakers and slots: who could take a request, and the right to send it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.traffic import FAILURES
from llama_runner_pro.gateway.grant import Grant, Lane
from llama_runner_pro.gateway.guest import Guest
from llama_runner_pro.gateway.hosting import HOSTS
from llama_runner_pro.gateway.routing import Candidate, Go, choose
from llama_runner_pro.gateway.standing import Standing
from llama_runner_pro.gateway.ways import Ways
from llama_runner_pro.resilience.bulkhead import Slots

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.endpoints.traffic import Ending
    from llama_runner_pro.gateway.breakers import Breakers
    from llama_runner_pro.gateway.catalog import Entry, Route
    from llama_runner_pro.gateway.facts import Offer
    from llama_runner_pro.gateway.place import Place
    from llama_runner_pro.gateway.ports import Ask, Servers
    from llama_runner_pro.gateway.routing import Choice, Gate
    from llama_runner_pro.gateway.terms import Stay, Terms

_HOMES = 4_096
_BUSY_MAX_S = 120.0
_BUSY_S = 1.0
"""For a server that says that it is busy, but not for how long."""


class Fleet:
    """Use from the event loop only. `freed` is called when a slot or a server became free."""

    def __init__(self, terms: Terms, servers: Servers, breakers: Breakers, clock: Clock) -> None:
        self.terms = terms
        self.standings: dict[str, Standing] = {}
        self.freed: Callable[[Place], None] = lambda _: None
        self.breakers = breakers
        self._servers, self._clock = servers, clock
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._homes: OrderedDict[bytes, str] = OrderedDict()
        self.ways = Ways(self, servers, clock)

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

    def listed(
        self, offers: Mapping[str, Sequence[Offer]], unconfirmed: Container[str] = ()
    ) -> list[Guest]:
        """Servers told what they have in memory. Gives the guests of which they told first."""
        now_s, fresh = self._clock.monotonic(), []
        for name, standing in self.standings.items():
            known, standing.guests = standing.guests, {}
            if standing.view.kind not in HOSTS:
                continue
            for offer in offers.get(name, ()):
                if offer.facts.loaded is None:
                    continue
                guest = known.get(offer.model)
                if guest is None:
                    guest = Guest(standing, offer)
                    guest.keep_s = self.terms.stay_within(name, offer.model).keep_s
                if not guest.is_confirmed and name not in unconfirmed:
                    guest.is_confirmed = True
                    fresh.append(guest)
                guest.told(offer, now_s)
                standing.guests[offer.model] = guest
                standing.guests.setdefault(offer.model.removesuffix(":latest"), guest)
        return fresh

    def places(self) -> Iterator[Place]:
        """All servers, and all models that come and go within them."""
        for standing in self.standings.values():
            yield standing
            yield from dict.fromkeys(standing.guests.values())

    def place(self, name: str) -> Place | None:
        """The one of that name."""
        standing = self.standings.get(name)
        if standing is None:
            model, _, endpoint = name.rpartition(" on ")
            host = self.standings.get(endpoint)
            return None if host is None else host.guests.get(model)
        return standing

    def place_of(self, route: Route) -> Place | None:
        """What must be loaded next so that a route can be taken: the server, then the model."""
        standing = self.standings.get(route.endpoint)
        if standing is None or standing.phase() != "ready":
            return standing
        return standing.guests.get(route.model, standing)

    def stay(self, place: Place) -> Stay:
        """How it is kept."""
        if isinstance(place, Guest):
            return self.terms.stay_within(place.host.name, place.model)
        return self.terms.stay(place.name)

    def heard(self, name: str) -> None:
        """An active check of that endpoint went well."""
        standing = self.standings.get(name)
        if standing is not None:
            standing.doubted = False
            self.breakers.ready(name)

    def gone(self, name: str) -> None:
        """An endpoint left the configuration. Requests that run there end by themselves."""
        self.standings.pop(name, None)
        self.ways.forget()
        self.breakers.forget(name)
        for key in [key for key in self._lanes if key[0] == name]:
            del self._lanes[key]

    def slots(self, entry: Entry, route: Route) -> Slots:
        """The slots of a model on a server."""
        return self._lane(entry, route).slots

    def _lane(self, entry: Entry, route: Route) -> Lane:
        key = (route.endpoint, route.model)
        lane = self._lanes.get(key)
        if lane is None:
            slots = Slots(self.terms.capacity(entry, route))
            lane = self._lanes[key] = Lane(slots, self.breakers.of(*key))
        return lane

    def resized(self) -> None:
        """What limits the slots has changed."""
        for entry in self.terms.catalog.entries:
            for route in entry.routes:
                lane = self._lanes.get((route.endpoint, route.model))
                if lane is not None:
                    lane.slots.capacity = self.terms.capacity(entry, route)

    # --- choosing --------------------------------------------------------------------------------

    def choose(self, entry: Entry, ask: Ask) -> Choice:
        """Whom to send it to, or what has to happen first."""
        home = None if ask.affinity is None else self._homes.get(ask.affinity)
        candidates = [self._candidate(entry, route) for route in entry.routes]
        return choose(entry.name, candidates, home=home, avoid=ask.avoid)

    def try_now(self, entry: Entry, ask: Ask) -> Grant | Choice:
        """A grant if one can be had at once, else what stands in the way."""
        if len(entry.routes) == 1 and not ask.avoid:
            # The usual case, without weighing what needs no weighing.
            route = entry.routes[0]
            standing = self.standings.get(route.endpoint)
            guest = None if standing is None else standing.guests.get(route.model)
            if (
                standing is not None
                and standing.phase() == "ready"
                and (guest is None or guest.phase() == "ready")
            ):
                lane = self._lane(entry, route)
                if lane.breaker.passes and lane.free(self._clock.monotonic()) > 0:
                    grant = self.grant(entry, 0, ask)
                    self.ways.remember(entry, ask, grant)
                    return grant
        choice = self.choose(entry, ask)
        return self.grant(entry, choice.index, ask) if isinstance(choice, Go) else choice

    def _candidate(self, entry: Entry, route: Route) -> Candidate:
        standing = self.standings.get(route.endpoint)
        if standing is None:
            return Candidate(route.endpoint, "down", reason="it is not watched")
        now_s, lane = self._clock.monotonic(), self._lane(entry, route)
        breaker, busy_s = lane.breaker, lane.busy_until_s
        gate: Gate = "passes"
        if not breaker.passes:
            gate = "forced" if breaker.forced else "held"
        place = self.place_of(route) or standing
        phase = place.phase()
        return Candidate(
            route.endpoint,
            phase,
            gate,
            lane.free(now_s),
            standing.in_flight,
            place.cooling_until_s - now_s,
            busy_s if busy_s > now_s else breaker.retry_at_s,
            standing.doubted,
            None if phase == "ready" else place.words(),
        )

    def grant(self, entry: Entry, index: int, ask: Ask) -> Grant:
        """Take the slot of a route that `choose` has chosen just now."""
        route = entry.routes[index]
        standing, lane = self.standings[route.endpoint], self._lane(entry, route)
        upstream = standing.upstream(route.model, self._servers.headers(route.endpoint))
        attempt = lane.breaker.admit()
        if attempt is None or not lane.slots.take():
            raise RuntimeError(f"{route.endpoint} was chosen, but cannot take a request")
        standing.in_flight += 1
        keep_alive_s, guest = ask.keep_alive_s, standing.guests.get(route.model)
        if guest is not None:
            guest.in_flight += 1
            if ask.surface == upstream.kind:
                # Its own server is told, by the request itself.
                keep_alive_s = None
        if ask.affinity is not None and len(entry.routes) > 1:
            self._remember(ask.affinity, route.endpoint)
        began_s = self._clock.monotonic()
        return Grant(self, standing, lane, attempt, upstream, began_s, keep_alive_s, guest)

    def ended(self, grant: Grant, ending: Ending, retry_after_s: float | None) -> None:
        """A request has ended, in whatever way."""
        now_s, standing, lane = self._clock.monotonic(), grant.standing, grant.lane
        lane.slots.give_back(now_s - grant.began_s)
        if ending == "busy":
            wait_s = _BUSY_S if retry_after_s is None else retry_after_s
            lane.busy_until_s = now_s + min(_BUSY_MAX_S, max(0.0, wait_s))
        self._used(standing, now_s, None if grant.guest is not None else grant.keep_alive_s)
        if grant.guest is not None:
            self._used(grant.guest, now_s, grant.keep_alive_s)
            if ending == "ok":
                grant.guest.came(now_s)
        if ending == "connect_failed":
            standing.doubted = True
        self.breakers.ended(lane.breaker, grant.attempt, ending)
        ok = ending == "ok"
        if (ok and standing.completes is not True) or ending in FAILURES:
            standing.completes = ok
            self._servers.completed(standing.view.name, ok=ok)
        self.freed(standing)
        if grant.guest is not None:
            self.freed(grant.guest)

    def _used(self, place: Place, now_s: float, keep_s: float | None) -> None:
        place.in_flight -= 1
        place.last_used_s = now_s
        if keep_s is None:
            place.keep_s = self.stay(place).keep_s
        else:
            place.keep_s = keep_s if keep_s >= 0 else None

    def _remember(self, affinity: bytes, endpoint: str) -> None:
        self._homes[affinity] = endpoint
        self._homes.move_to_end(affinity)
        if len(self._homes) > _HOMES:
            self._homes.popitem(last=False)
