"""Decides who serves a request and makes that one ready: the gateway's view of all servers."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import GatewayError
from llama_runner_pro.core.tasks import guarded
from llama_runner_pro.gateway.breakers import Breakers
from llama_runner_pro.gateway.fleet import Fleet
from llama_runner_pro.gateway.grant import Grant
from llama_runner_pro.gateway.guest import Guest
from llama_runner_pro.gateway.hosting import Hosting
from llama_runner_pro.gateway.house import House
from llama_runner_pro.gateway.lists import Lister
from llama_runner_pro.gateway.loading import Loader
from llama_runner_pro.gateway.memory import MemoryBook
from llama_runner_pro.gateway.porter import Porter
from llama_runner_pro.gateway.ports import Ask
from llama_runner_pro.gateway.queue import Waiting
from llama_runner_pro.gateway.table import Table
from llama_runner_pro.gateway.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from llama_runner_pro.config.derived import DerivedModelSpec
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.endpoints.traffic import ModelView, Operation
    from llama_runner_pro.gateway.house import MemoryGauge
    from llama_runner_pro.gateway.lists import Examined, Http
    from llama_runner_pro.gateway.place import Place
    from llama_runner_pro.gateway.ports import Lease, Meant, Servers
    from llama_runner_pro.gateway.shelf import Shelf

_NEWS_S = 0.25
"""How long news of endpoints may gather while nobody waits for a model."""
_ROUNDS = 100
"""Each round of serving settles something; so many at once would be a mistake of ours."""


class Admit:
    """Satisfies `ports.Admission` and `ports.ModelTable`. Use from the event loop only.

    `endpoint_seen`, `endpoint_gone` and `endpoint_heard` must be told what the supervisor tells;
    `run` must run for anything to be loaded or to wait no longer than it may.
    """

    def __init__(
        self,
        config: Config,
        servers: Servers,
        gauge: MemoryGauge,
        clock: Clock,
        *,
        book: MemoryBook | None = None,
        shelf: Shelf | None = None,
        http: Http | None = None,
        examine: Callable[[EndpointSpec], Awaitable[Examined | None]] | None = None,
        breakers: Breakers | None = None,
    ) -> None:
        """`http` asks servers for their models, `examine` reads an endpoint's model file."""
        self._servers, self._clock = servers, clock
        self.breakers = breakers or Breakers(clock)
        self._lister = Lister(servers, http, examine, clock, self._learned, shelf)
        self._fleet = Fleet(Terms(config, {}), servers, self.breakers, clock)
        self._fleet.freed = self._freed
        known = self._lister.needed_bytes
        self._house = House(self._fleet, servers, gauge, book or MemoryBook(), known)
        hosting = Hosting(servers, http, clock)
        self._porter = Porter(self._fleet, servers, self._house, hosting, clock)
        self._loader = Loader(self._fleet, servers, self._house, self._porter, clock, self._changed)
        self._waiting = Waiting(self._fleet, clock, self._loader.describe)
        self._table = Table(self._fleet, self._house, self._lister.facts, clock)
        self._serving = self._again = False
        self._armed_s = math.inf
        self._rearm = asyncio.Event()
        self.breakers.topic.listen(lambda _: self._changed())
        self._lister.configure(self._fleet.terms.specs)
        self._fleet.terms.offer(self._lister.offers)
        for view in servers.views():
            self._seen(view)
        self._fleet.listed(self._lister.offers, self._lister.unconfirmed)

    # --- admission -------------------------------------------------------------------------------

    def again(self, model: str, operation: Operation, keep_alive_s: float | None) -> Lease | None:
        """As in `ports.Admission`."""
        if self._waiting.lines:
            return None
        return self._fleet.ways.again(model, operation, keep_alive_s)

    def admit_now(self, ask: Ask) -> Lease | None:
        """As in `ports.Admission`."""
        if not ask.avoid and ask.endpoint is None:
            grant = self.again(ask.model, ask.operation, ask.keep_alive_s)
            if grant is not None:
                return grant
        entry = self._table.entry_of(ask)
        found = None if self._waiting.waits_for(entry) else self._fleet.try_now(entry, ask)
        return found if isinstance(found, Grant) else None

    async def admit(self, ask: Ask) -> Lease:
        """As in `ports.Admission`."""
        entry = self._table.entry_of(ask)
        if not self._waiting.waits_for(entry):
            found = self._fleet.try_now(entry, ask)
            if isinstance(found, Grant):
                return found
            if isinstance(found, GatewayError):
                raise found
        waiter = self._waiting.join(entry, ask)
        self._changed()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._waiting.abandon(waiter)
            self._changed()
            raise

    @property
    def waiting(self) -> int:
        """Requests that wait now."""
        return len(self._waiting)

    # --- the table -------------------------------------------------------------------------------

    def models(self) -> Sequence[ModelView]:
        """As in `ports.ModelTable`."""
        return self._table.models()

    def find(self, name: str) -> ModelView | None:
        """As in `ports.ModelTable`."""
        entry = self._fleet.terms.catalog.find(name)
        return None if entry is None else self._table.view(entry)

    def meant(self, name: str) -> Meant | None:
        """As in `ports.ModelTable`."""
        entry = self._fleet.terms.catalog.find(name)
        return None if entry is None else self._table.meant(entry)

    def recipe(self, name: str) -> DerivedModelSpec | None:
        """As in `ports.ModelTable`."""
        entry = self._fleet.terms.catalog.find(name)
        return None if entry is None else entry.recipe

    def hosts(self, kind: str) -> Sequence[str]:
        """As in `ports.ModelTable`."""
        return self._table.hosts(kind)

    def speaks_messages(self, endpoint: str) -> bool:
        """As in `ports.ModelTable`."""
        return self._lister.speaks_messages(endpoint)

    def look_again(self, endpoint: str) -> None:
        """As in `ports.ModelTable`."""
        self._lister.look_again(endpoint)

    async def load(
        self, name: str, *, keep_alive_s: float | None = None, priority: int = 0
    ) -> ModelView:
        """As in `ports.ModelTable`."""
        entry = self._table.entry(name)
        ask = Ask(
            model=name,
            surface="ollama",
            operation="other",
            priority=priority,
            keep_alive_s=keep_alive_s,
        )
        lease = await self.admit(ask)
        try:
            guest = lease.guest if isinstance(lease, Grant) else None
            if guest is not None:
                # Its server loads models by itself, or has a time limit of its own.
                await self._porter.command(guest, keep_alive_s)
        finally:
            lease.end("never_started")
        return self._table.view(entry)

    async def asked_now(self, name: str) -> ModelView:
        """As in `ports.ModelTable`."""
        entry = self._table.entry(name)
        await self._lister.asked_now(self._table.view(entry).endpoint)
        return self._table.view(entry)

    async def unload(self, name: str) -> ModelView:
        """As in `ports.ModelTable`."""
        entry = self._table.entry(name)
        for route in entry.routes:
            place = self._fleet.place_of(route)
            # What is within others may have been loaded by somebody else a moment ago.
            if place is not None and (place.serving or isinstance(place, Guest)):
                await self._loader.unload(entry.name, place)
        return self._table.view(entry)

    # --- news ------------------------------------------------------------------------------------

    def endpoint_seen(self, view: EndpointView) -> None:
        """An endpoint is new, or changed. Of thousands, all are not looked at for each one."""
        self._seen(view)
        if len(self._waiting) or self._loader.has_plans:
            self._changed()
        else:
            self._arm(self._clock.monotonic() + _NEWS_S)

    def _seen(self, view: EndpointView) -> None:
        self._fleet.seen(view)
        self._lister.seen(view)

    def endpoint_gone(self, name: str) -> None:
        """An endpoint left the configuration."""
        self._fleet.gone(name)
        self._loader.gone(name)
        self._changed()

    def endpoint_heard(self, name: str, *, ok: bool) -> None:
        """A health check of that endpoint ended."""
        if ok:
            self._fleet.heard(name)

    def configure(self, config: Config) -> None:
        """Go by another configuration from now on; whoever waits goes on waiting by that."""
        self._lister.configure({spec.name: spec for spec in config.endpoints})
        self._fleet.terms = Terms(config, self._lister.offers)
        self._fleet.resized()
        for place in self._fleet.places():
            place.keep_s = self._fleet.stay(place).keep_s
            place.loaded()
        self._changed()

    def _learned(self) -> None:
        """Servers or files told something new of models."""
        self._fleet.terms.offer(self._lister.offers)
        fresh = self._fleet.listed(self._lister.offers, self._lister.unconfirmed)
        self._loader.preload_within(fresh)
        self._table.learned()
        self._fleet.resized()
        self._changed()

    # --- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Load, unload and watch the time until cancelled. May be run again after an error."""
        async with asyncio.TaskGroup() as tasks:
            self._loader.begin(tasks)
            self._loader.preload()
            tasks.create_task(self._house.keep_learning(self._clock))
            tasks.create_task(guarded("lists of models", self._lister.run, self._clock))
            await self._watch_time()

    async def _watch_time(self) -> None:
        while True:
            self._rearm.clear()
            self._armed_s = math.inf
            self._changed()
            self._rearm.clear()
            wait_s = self._armed_s - self._clock.monotonic()
            if wait_s > 0:
                with suppress(TimeoutError):
                    async with Deadline(self._clock, min(wait_s, 3600.0)):
                        await self._rearm.wait()

    def _freed(self, place: Place) -> None:
        """A request ended. Where nobody waits, all that follows is a time to look at."""
        if len(self._waiting) or self._loader.has_plans:
            self._changed()
        elif place.keep_s is not None:
            self._arm(self._clock.monotonic() + place.keep_s)

    def _arm(self, due_s: float) -> None:
        """Look again at that time, or before."""
        if due_s < self._armed_s:
            self._armed_s = due_s
            self._rearm.set()

    def _changed(self) -> None:
        """Hand out and begin whatever can be now. Calls from within are remembered."""
        self._again = True
        if self._serving:
            return
        self._serving = True
        try:
            for _ in range(_ROUNDS):
                if not self._again:
                    break
                self._again = False
                self._waiting.serve()
                if self._loader.step(self._waiting.wishes, self._waiting.wanted):
                    self._again = True
        finally:
            self._serving = False
        self._arm(min(self._waiting.look_again_s, self._loader.look_again_s))
