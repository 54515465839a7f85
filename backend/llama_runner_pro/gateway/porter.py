"""Loads and unloads one place: a server through the supervisor, a model within one by command."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llama_runner_pro.gateway.guest import Guest
from llama_runner_pro.gateway.hosting import BY_THEMSELVES
from llama_runner_pro.gateway.ports import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.fleet import Fleet
    from llama_runner_pro.gateway.hosting import Hosting
    from llama_runner_pro.gateway.house import House
    from llama_runner_pro.gateway.place import Place
    from llama_runner_pro.gateway.ports import Servers

FOLLOW_S = 1.0
"""Between two looks at how far a load is."""
_log = logging.getLogger(__name__)


class Porter:
    """Decides nothing. Use from the event loop only."""

    def __init__(
        self, fleet: Fleet, servers: Servers, house: House, hosting: Hosting, clock: Clock
    ) -> None:
        self._fleet, self._servers, self._house = fleet, servers, house
        self._hosting, self._clock = hosting, clock

    async def bring(self, place: Place) -> None:
        """Have it loaded, and learn what it holds. Raises `LlamaRunnerError`."""
        if not isinstance(place, Guest):
            await self._start(place.name)
        elif place.host.view.kind in BY_THEMSELVES:
            # Its server loads what the request names; there is room for it now.
            place.came(self._clock.monotonic())
        else:
            stay = self._fleet.stay(place)
            await self.command(place, -1 if stay.pinned else stay.keep_s)

    async def follow(self, place: Place, tell: Callable[[Progress], None]) -> None:
        """Tell how far a server that starts has loaded its model, until cancelled.

        How far one model within a server of several is, none of them tells.
        """
        name = place.name
        while not isinstance(place, Guest):
            await self._clock.sleep(FOLLOW_S)
            ratio = await self._house.load_ratio(name)
            if ratio is not None:
                text = f"loading {name} ({ratio:.0%})"
                tell(Progress(phase="loading", text=text, ratio=round(ratio, 2)))

    async def command(self, guest: Guest, keep_alive_s: float | None) -> None:
        """Have its server load it, or keep it for that time. Raises `LoadFailed`."""
        await self._hosting.load(guest, keep_alive_s, self._fleet.terms.gateway.load_timeout_s)
        guest.came(self._clock.monotonic())

    async def remove(self, name: str, words: str) -> None:
        """Have the place of that name unloaded; `words` say why. Raises `LlamaRunnerError`."""
        place = self._fleet.place(name)
        if isinstance(place, Guest):
            await self._hosting.unload(place)
            place.left()
            _log.info("%s: %s", name, words)
        elif place is not None:
            await self._servers.unload(name, words)

    async def _start(self, name: str) -> None:
        before_gpu = self._house.free_gpu_bytes()
        view = await self._servers.ensure_ready(name, self._fleet.terms.gateway.load_timeout_s)
        if name in self._fleet.standings:
            self._fleet.seen(view)
            self._house.learn_gpu(name, before_gpu)
