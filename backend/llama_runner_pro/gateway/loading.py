"""Carries out what was planned: makes room, loads one model at a time, unloads what is idle."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import LlamaRunnerError, LoadFailed, NoUpstream
from llama_runner_pro.gateway.eviction import Refuse, Start, fits, plan
from llama_runner_pro.gateway.guest import Guest
from llama_runner_pro.gateway.ports import Progress
from llama_runner_pro.gateway.queue import Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.fleet import Fleet
    from llama_runner_pro.gateway.house import House
    from llama_runner_pro.gateway.place import Place
    from llama_runner_pro.gateway.porter import Porter
    from llama_runner_pro.gateway.ports import Servers

_log = logging.getLogger(__name__)
PATIENCE_S = 10.0
"""How long others may go on using a server whose place somebody waits for."""
RELEASE_S, _LOOK_S = 15.0, 0.2
"""How long memory may take to come back after a process has ended."""
_PRELOAD_PRIORITY = -1_000


class Loader:
    """Use from the event loop only. `changed` is called after everything that it did."""

    def __init__(
        self,
        fleet: Fleet,
        servers: Servers,
        house: House,
        porter: Porter,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._fleet, self._servers, self._house = fleet, servers, house
        self._porter, self._clock, self._changed = porter, clock, changed
        self._tasks: asyncio.TaskGroup | None = None
        self._loading: str | None = None
        self._load_task: asyncio.Task[None] | None = None
        self._doing: dict[str, Progress] = {}
        self._preload: dict[str, Wish] = {}
        self._idle = asyncio.Event()
        self._measuring = False
        self._unloading = 0
        """Unloads that wait for requests to end."""
        self.look_again_s = math.inf
        """When `step` must be called though nothing happened."""

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Work in `tasks` from now on; what an earlier run left behind is forgotten."""
        self._tasks, self._loading, self._measuring = tasks, None, False
        self._doing.clear()
        for place in self._fleet.places():
            place.loading = place.leaving = place.draining = False

    @property
    def has_plans(self) -> bool:
        """Something is being done, or waits for others to become idle."""
        return bool(self._doing or self._preload or self._unloading)

    def preload(self) -> None:
        """Have loaded whatever is to be loaded from the start."""
        now_s = self._clock.monotonic()
        for name in self._fleet.standings:
            if self._fleet.terms.stay(name).preload:
                self._preload[name] = Wish(name, _PRELOAD_PRIORITY, now_s)

    def preload_within(self, guests: list[Guest]) -> None:
        """The same for models that a server has told of for the first time."""
        for guest in guests:
            if self._fleet.stay(guest).preload:
                now_s = self._clock.monotonic()
                self._preload[guest.name] = Wish(guest.name, _PRELOAD_PRIORITY, now_s)

    def gone(self, name: str) -> None:
        """That endpoint left the configuration: nobody waits for its load any more."""
        if self._loading == name and self._load_task is not None:
            self._load_task.cancel()

    def describe(self, name: str) -> Progress | None:
        """What is being done for the place of that name."""
        return self._doing.get(name)

    # --- deciding --------------------------------------------------------------------------------

    def step(self, wishes: list[Wish], wanted: Callable[[str], bool]) -> bool:
        """Begin what can be begun. True when that may have changed who can be served."""
        self._idle.set()
        self.look_again_s = math.inf
        acted = self._expire(wanted)
        drains: tuple[str, ...] = ()
        if self._tasks is not None and self._loading is None:
            settled, drains = self._load_next([*wishes, *self._still_to_preload()])
            acted = acted or settled
        return self._drain(drains) or acted

    def _still_to_preload(self) -> list[Wish]:
        for name in list(self._preload):
            place = self._fleet.place(name)
            ready = isinstance(place, Guest) and place.host.phase() != "ready"
            if place is None or ready or place.failures > 0 or place.phase() != "loadable":
                del self._preload[name]
        return list(self._preload.values())

    def _load_next(self, wishes: list[Wish]) -> tuple[bool, tuple[str, ...]]:
        """Whether anything was settled, and who must become idle for the one that waits."""
        refused = False
        now_s = self._clock.monotonic()
        self._doing.clear()
        if wishes and not self._house.is_measured(now_s):
            self._measure()
            return False, ()
        for wish in wishes:
            place = self._fleet.place(wish.place)
            if place is None:
                continue
            found = plan(self._house.world(now_s), wish.place)
            if isinstance(found, Start):
                self._begin(place, found.evict)
                return True, ()
            if isinstance(found, Refuse):
                place.load_failed(found.reason, now_s)
                refused = True
                continue
            self._doing[wish.place] = Progress(phase="evicting", text=found.reason)
            if now_s - wish.since_s >= PATIENCE_S:
                # Nobody overtakes whoever has waited for so long.
                return refused, found.until_idle
            self.look_again_s = min(self.look_again_s, wish.since_s + PATIENCE_S)
        return refused, ()

    def _measure(self) -> None:
        """Have the machine looked at before anything is decided; `step` comes again then."""

        async def measure() -> None:
            try:
                await self._house.measure(self._clock)
            finally:
                self._measuring = False
                self._changed()

        if not self._measuring and self._tasks is not None:
            self._measuring = True
            self._tasks.create_task(measure())

    def _drain(self, names: tuple[str, ...]) -> bool:
        changed = False
        for place in self._fleet.places():
            if place.draining != (place.name in names):
                place.draining = place.name in names
                changed = True
        return changed

    def _expire(self, wanted: Callable[[str], bool]) -> bool:
        """Unload what has been idle for its time."""
        acted, now_s = False, self._clock.monotonic()
        for place in self._fleet.places():
            at_s = self._house.expires_s(place)
            if at_s is None or wanted(place.name):
                continue
            if at_s > now_s:
                self.look_again_s = min(self.look_again_s, at_s)
            elif self._tasks is not None:
                words = f"unloaded after {_duration(place.keep_s or 0)} without requests"
                place.leaving = acted = True
                self._tasks.create_task(self._unload_idle(place, words))
        return acted

    # --- doing -----------------------------------------------------------------------------------

    def _begin(self, place: Place, evict: tuple[str, ...]) -> None:
        name = place.name
        place.loading, self._loading = True, name
        self._leave(evict)
        self._preload.pop(name, None)
        text = f"making room for {name}" if evict else f"loading {name}"
        self._doing[name] = Progress(phase="evicting" if evict else "loading", text=text)
        if self._tasks is not None:
            self._load_task = self._tasks.create_task(self._load(place, evict))

    async def _load(self, place: Place, evict: tuple[str, ...]) -> None:
        name = place.name
        try:
            await self._make_room(name, evict)
            self._doing[name] = Progress(phase="loading", text=f"loading {name}")
            self._changed()
            await self._bring(place)
        except LlamaRunnerError as error:
            _log.warning("%s could not be loaded for a request: %s", name, error)
            place.load_failed(str(error), self._clock.monotonic())
        else:
            place.loaded()
        finally:
            place.loading, self._loading = False, None
            for victim in evict:
                self._stays(victim)
            self._doing.pop(name, None)
            self._changed()

    async def _bring(self, place: Place) -> None:
        """Have it loaded, and meanwhile let those who wait know how far that is."""
        assert self._tasks is not None
        following = self._tasks.create_task(self._porter.follow(place, self._far))
        try:
            await self._porter.bring(place)
        finally:
            following.cancel()

    def _far(self, progress: Progress) -> None:
        self._doing[str(self._loading)] = progress
        self._changed()

    async def _make_room(self, name: str, evict: tuple[str, ...]) -> None:
        """Stop these, and wait until their memory has come back. Raises `LlamaRunnerError`."""
        while evict:
            for victim in evict:
                self._doing[name] = Progress(phase="evicting", text=f"unloading {victim}")
                self._changed()
                await self._porter.remove(victim, f"unloaded to make room for {name}")
                self._stays(victim)
            evict = await self._released(name, evict)

    async def _released(self, name: str, gone: tuple[str, ...]) -> tuple[str, ...]:
        """Wait for their memory. Gives who else must go, should it not come back in time."""
        end_s = self._clock.monotonic() + RELEASE_S
        while True:
            now_s = self._clock.monotonic()
            world = self._house.world(now_s)
            found = plan(world, name)
            if found == Start() and (now_s >= end_s or fits(world, name)):
                return ()
            if now_s >= end_s:
                break
            await self._clock.sleep(_LOOK_S)
        if isinstance(found, Start):
            self._leave(found.evict)
            return found.evict
        names = ", ".join(gone)
        why = f"the memory of {names} did not come back within {RELEASE_S:g} s: {found.reason}"
        raise LoadFailed(why)

    async def _unload_idle(self, place: Place, words: str) -> None:
        try:
            await self._porter.remove(place.name, words)
        except LlamaRunnerError as error:
            _log.warning("%s could not be unloaded: %s", place.name, error)
            place.last_used_s = self._clock.monotonic()
        finally:
            place.leaving = False
            self._changed()

    async def unload(self, model: str, place: Place) -> None:
        """Stop it once its requests are done. Raises `NoUpstream`; cancelling keeps it."""
        name = place.name
        if not isinstance(place, Guest) and not self._servers.ours(name):
            raise NoUpstream(model, f"{name} was not started from here, so it is not stopped")
        place.leaving = True
        self._unloading += 1
        try:
            async with Deadline(self._clock, self._fleet.terms.gateway.queue_timeout_s):
                while place.in_flight:
                    self._idle.clear()
                    await self._idle.wait()
            await self._porter.remove(name, "unloaded on request")
        except TimeoutError:
            raise NoUpstream(model, f"{name} is still busy; it stays loaded") from None
        except LlamaRunnerError as error:
            raise NoUpstream(model, str(error)) from error
        finally:
            self._unloading -= 1
            place.leaving = False
            self._changed()

    def _leave(self, names: tuple[str, ...]) -> None:
        for name in names:
            place = self._fleet.place(name)
            if place is not None:
                place.leaving = True

    def _stays(self, name: str) -> None:
        place = self._fleet.place(name)
        if place is not None:
            place.leaving = False


def _duration(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
