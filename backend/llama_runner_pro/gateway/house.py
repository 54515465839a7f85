"""How full the machine is: the world that plans rest on, and what is learned of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.endpoints.states import SERVING
from llama_runner_pro.gateway.eviction import Group, Runner, World
from llama_runner_pro.gateway.guest import Guest
from llama_runner_pro.gateway.hosting import BY_THEMSELVES
from llama_runner_pro.gateway.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.gateway.fleet import Fleet
    from llama_runner_pro.gateway.memory import MemoryBook
    from llama_runner_pro.gateway.place import Place
    from llama_runner_pro.gateway.ports import Servers

_LEARN_S = 10.0
FRESH_S = 2.0
"""What was measured so long ago may decide what is stopped."""


class MemoryGauge(Protocol):
    """What is free, and what each endpoint holds. None where nobody can tell."""

    async def refresh(self) -> None:
        """Measure anew before somebody decides by it; gives up by itself after a second."""
        ...

    def free_bytes(self) -> int | None:
        """Main memory that can be had."""
        ...

    def free_gpu_bytes(self) -> int | None:
        """Memory of all graphics cards that can be had."""
        ...

    async def load_ratio(self, endpoint: str) -> float | None:
        """Share of its model that a starting server has taken in, seen just now."""
        ...

    def held_bytes(self, endpoint: str) -> tuple[int | None, int | None]:
        """Main and graphics memory of its process tree."""
        ...


class House:
    """Reads gauges and standings; changes nothing but what is learned."""

    def __init__(
        self,
        fleet: Fleet,
        servers: Servers,
        gauge: MemoryGauge,
        book: MemoryBook,
        guess: Callable[[EndpointSpec], int | None],
    ) -> None:
        """`guess` tells what the model of an endpoint that was never seen running may take."""
        self._fleet, self._servers, self._gauge = fleet, servers, gauge
        self._book, self._guess = book, guess
        self._measured_s = -math.inf

    def is_measured(self, now_s: float) -> bool:
        """The gauge was read a moment ago."""
        return now_s - self._measured_s < FRESH_S

    async def measure(self, clock: Clock) -> None:
        """Have the gauge read anew."""
        try:
            await self._gauge.refresh()
        finally:
            self._measured_s = clock.monotonic()

    async def load_ratio(self, name: str) -> float | None:
        """Share of its model that a server which starts has taken in; None: unknown."""
        return await self._gauge.load_ratio(name)

    def free_gpu_bytes(self) -> int | None:
        """Graphics memory that can be had."""
        return self._gauge.free_gpu_bytes()

    def world(self, now_s: float) -> World:
        """Everything as it is now."""
        gateway = self._fleet.terms.gateway
        needed = self._needed()
        runners = [
            self._guest(place, now_s)
            if isinstance(place, Guest)
            else self._runner(place, needed, now_s)
            for place in self._fleet.places()
            if isinstance(place, Guest) or (isinstance(place, Standing) and place.view.startable)
        ]
        return World(
            tuple(runners),
            tuple(
                Group(one.name, frozenset(one.endpoints), one.max_running) for one in gateway.groups
            ),
            gateway.max_running,
            self._gauge.free_bytes(),
            self._gauge.free_gpu_bytes(),
            gateway.memory_reserve_bytes,
        )

    def expires_s(self, place: Place) -> float | None:
        """When it is to be unloaded if nobody asks; None when it is busy, foreign, or stays."""
        keep_s, since_s = place.keep_s, place.serving_since_s
        if keep_s is None or since_s is None or place.in_flight or not place.serving:
            return None
        if isinstance(place, Standing) and not self._stoppable(place):
            return None
        return max(since_s, place.last_used_s) + keep_s

    def _stoppable(self, standing: Standing) -> bool:
        name = standing.name
        return standing.view.startable and self._servers.ours(name) and name not in self._needed()

    async def keep_learning(self, clock: Clock) -> None:
        """Measure all that serve again and again, until cancelled."""
        while True:
            await clock.sleep(_LEARN_S)
            self.learn()

    def learn(self) -> None:
        """Measure all that serve."""
        for name, standing in self._fleet.standings.items():
            spec = self._fleet.terms.specs.get(name)
            if spec is not None and standing.view.state in SERVING:
                self._book.measured(spec, *self._gauge.held_bytes(name))

    def learn_gpu(self, name: str, before_bytes: int | None) -> None:
        """It was loaded alone: what became less since `before_bytes` is what it holds."""
        after, spec = self._gauge.free_gpu_bytes(), self._fleet.terms.specs.get(name)
        if before_bytes is not None and after is not None and spec is not None:
            self._book.measured(spec, None, max(0, before_bytes - after))

    def amounts(self, name: str) -> tuple[int | None, int | None]:
        """What it held when it ran; None where that was never seen."""
        spec = self._fleet.terms.specs.get(name)
        known = None if spec is None else self._book.of(spec)
        return (None, None) if known is None else (known.memory_bytes, known.gpu_memory_bytes)

    def _runner(self, standing: Standing, needed: frozenset[str], now_s: float) -> Runner:
        name = standing.view.name
        memory_bytes, gpu_bytes = self.amounts(name) if not standing.guests else (0, 0)
        learned = memory_bytes is not None or gpu_bytes is not None
        if memory_bytes is None:
            spec = self._fleet.terms.specs.get(name)
            # With graphics cards in the game it may end up in either memory.
            if spec is not None and self._gauge.free_gpu_bytes() is None:
                memory_bytes = self._guess(spec)
        held: tuple[int | None, int | None] = (None, None)
        if standing.running and not standing.guests:
            # What a server of several holds is that of its guests.
            held = self._gauge.held_bytes(name)
        return Runner(
            name,
            running=standing.running,
            busy=standing.in_flight > 0 or not standing.serving,
            removable=name not in needed and self._servers.ours(name),
            pinned=self._fleet.terms.stay(name).pinned,
            last_used_s=_last_used_s(standing, now_s),
            memory_bytes=held[0] or memory_bytes,
            gpu_memory_bytes=held[1] or gpu_bytes,
            learned=learned,
        )

    def _guest(self, guest: Guest, now_s: float) -> Runner:
        memory_bytes, gpu_bytes = guest.memory_bytes, guest.gpu_memory_bytes
        learned = memory_bytes is not None or gpu_bytes is not None
        size_bytes = guest.offer.facts.size_bytes
        if not learned and self._gauge.free_gpu_bytes() is None:
            memory_bytes = size_bytes
        elif not learned and guest.running:
            gpu_bytes = size_bytes
        return Runner(
            guest.name,
            running=guest.running,
            busy=guest.in_flight > 0 or not guest.serving,
            # Whether LM Studio works for somebody else, it does not tell; Ollama ends that first.
            removable=guest.host.view.kind not in BY_THEMSELVES or guest.last_used_s > -math.inf,
            pinned=self._fleet.stay(guest).pinned,
            last_used_s=_last_used_s(guest, now_s),
            memory_bytes=memory_bytes,
            gpu_memory_bytes=gpu_bytes,
            learned=learned,
            within=True,
        )

    def _needed(self) -> frozenset[str]:
        """Endpoints that others which run depend on."""
        return frozenset(
            parent
            for standing in self._fleet.standings.values()
            if standing.running
            for parent in standing.view.depends_on
        )


def _last_used_s(place: Place, now_s: float) -> float:
    since_s = now_s if place.serving_since_s is None else place.serving_since_s
    return max(place.last_used_s, since_s)
