"""The port of an endpoint: whether it is free, and getting it free for a start."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.kind import base_url, port_of
from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.supervision.port_taken import can_move, port_held
from llama_runner_pro.supervision.process import ports
from llama_runner_pro.supervision.process.proven import holder_of_ours
from llama_runner_pro.supervision.process.tree import stop_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec

_LOOK_S = 0.1
_CLOSING_S = 2.0
"""Connections that are being closed keep a port for a moment; a start waits this long at once."""


class PortClaim:
    """One endpoint's port. `reserved` tells the ports that other endpoints are configured with."""

    def __init__(
        self, spec: EndpointSpec, clock: Clock, reserved: Callable[[], Collection[int]]
    ) -> None:
        self._spec, self._clock, self._reserved = spec, clock, reserved
        profile = profile_of(spec)
        self.port = port_of(spec, profile)
        """None: it has none."""
        self._host = urlsplit(base_url(spec, profile)).hostname or "127.0.0.1"

    def is_free(self) -> bool:
        """True when a server could listen there now; so is what is not on this machine."""
        if self.port is None or self._host not in ("127.0.0.1", "localhost", "::1"):
            return True
        return ports.is_free("::1" if self._host == "::1" else "127.0.0.1", self.port)

    async def freed_within(self, seconds: float) -> bool:
        """Wait until the port is free; False when it is not after `seconds`."""
        try:
            async with Deadline(self._clock, seconds):
                while not self.is_free():
                    await self._clock.sleep(_LOOK_S)
        except TimeoutError:
            return False
        return True

    async def claim(self, nonce: str, grace_s: float) -> str:
        """See to it that the port is free; returns in words what had to be done.

        What is left of ours (proven by the nonce that it was started under) is ended. A foreign
        holder is named and left alone: raises `PortHeld`. Raises `StartFailed` while the system
        has not let go of the port.
        """
        port = self.port
        if port is None or self.is_free():
            return f"port {port} is free"
        stale = await holder_of_ours(port, nonce) if nonce else None
        if stale is not None:
            await stop_tree(stale, grace_s=grace_s, clock=self._clock, nonce=nonce)
            if self.is_free():
                return f"port {port} was held by what was left of it (pid {stale.pid}); ended"
        holder = await ports.holder(port)
        if holder is None:
            if await self.freed_within(_CLOSING_S):
                return f"port {port} is free again"
            closing = "nobody listens there; the system has not let go of it yet"
            raise StartFailed(f"port {port} is still in use: {closing}")
        free = ports.next_free(self._host, port, self._reserved()) if can_move(self._spec) else None
        raise port_held(port, holder.text, free)
