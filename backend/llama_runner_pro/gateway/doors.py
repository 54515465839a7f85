"""The two ports of the gateway: 1234 and 11434, or others when somebody has those.

A port that a real server holds, or that an endpoint of the configuration lives on, is never fought
for: the door moves to its alternative and says so.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec.structs import replace

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.traffic import DoorView
from llama_runner_pro.transport.listening import bound_socket, listening_socket

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Mapping

    from llama_runner_pro.config.gateway import DoorSpec, GatewaySpec
    from llama_runner_pro.core.clock import Clock

DoorName = Literal["openai", "ollama"]
NAMES: tuple[DoorName, ...] = ("openai", "ollama")
_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 15.0
_ASK_S = 10.0
"""How long a change waits for the doors; they go on moving after that."""


class DoorServer(Protocol):
    """What serves one door."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop` was called; running answers get a moment to end."""
        ...

    def stop(self) -> None:
        """Ask it to end."""
        ...


class Occupant(ValueObject, frozen=True):
    """Who listens on a port."""

    text: str
    """`ollama (pid 4242)`."""
    kind: str | None = None
    """The family of model servers that answers there; None when it is none, or unknown."""


@dataclass(slots=True)
class _Door:
    view: DoorView
    server: DoorServer | None = None
    serving: asyncio.Task[None] | None = None


class Doors:
    """Opens, moves and closes the doors. `run` is the one writer; the rest asks it to look."""

    def __init__(
        self,
        spec: GatewaySpec,
        *,
        make_server: Callable[[DoorName], DoorServer],
        occupant: Callable[[int], Awaitable[Occupant | None]],
        endpoint_ports: Callable[[], Mapping[int, str]],
        changed: Callable[[DoorView], None],
        clock: Clock,
    ) -> None:
        """`occupant` tells who listens on a port, `endpoint_ports` which endpoint lives where."""
        self._spec = spec
        self._make_server, self._occupant = make_server, occupant
        self._endpoint_ports, self._changed, self._clock = endpoint_ports, changed, clock
        self._doors = {name: _Door(_off(name, self._door_spec(name), spec.host)) for name in NAMES}
        self._wanted_back: set[DoorName] = set()
        self._asked = self._answered = 0
        self._look, self._looked = asyncio.Event(), asyncio.Condition()
        self._closing, self._closed = False, asyncio.Event()

    def views(self) -> list[DoorView]:
        """Both doors."""
        return [door.view for door in self._doors.values()]

    async def configure(self, spec: GatewaySpec) -> None:
        """Take other settings, or other endpoints; returns when the doors stand accordingly."""
        self._spec = spec
        await self._ask()

    async def reopen(self, name: DoorName) -> DoorView:
        """Move back to the wanted port if it is free; returns how the door stands then."""
        self._wanted_back.add(name)
        await self._ask()
        return self._doors[name].view

    async def run(self) -> None:
        """Keep the doors open until `close`. Cancelling cuts the answers that run."""
        async with asyncio.TaskGroup() as tasks:
            while not self._closing:
                answering = self._asked
                for name in NAMES:
                    await self._arrange(name, tasks)
                async with self._looked:
                    self._answered = answering
                    self._looked.notify_all()
                await self._rest()
            for door in self._doors.values():
                if door.server is not None:
                    door.server.stop()
        self._closed.set()

    async def close(self) -> None:
        """Let nobody in any more; returns when running answers have ended or had their time."""
        self._closing = True
        self._look.set()
        with suppress(TimeoutError):
            async with Deadline(self._clock, _ASK_S):
                await self._closed.wait()

    async def _ask(self) -> None:
        self._asked += 1
        mine = self._asked
        self._look.set()
        with suppress(TimeoutError):
            async with Deadline(self._clock, _ASK_S), self._looked:
                await self._looked.wait_for(lambda: self._answered >= mine)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with Deadline(self._clock, _LOOK_EVERY_S):
                await self._look.wait()
        self._look.clear()

    def _door_spec(self, name: DoorName) -> DoorSpec:
        return self._spec.openai if name == "openai" else self._spec.ollama

    async def _arrange(self, name: DoorName, tasks: asyncio.TaskGroup) -> None:
        door, spec, host = self._doors[name], self._door_spec(name), self._spec.host
        back = name in self._wanted_back
        self._wanted_back.discard(name)
        if not (self._spec.enabled and spec.enabled):
            await self._close(door)
            self._show(door, _off(name, spec, host))
            return
        taken_by = self._endpoint_ports()
        if self._stands(door, spec, taken_by):
            if door.view.state == "open":
                return
            free = spec.port not in taken_by and _can_bind(host, spec.port)
            if not (back and free):
                self._show(door, replace(door.view, free_again=free))
                return
        await self._close(door)
        await self._open(name, door, spec, tasks, taken_by)

    def _stands(self, door: _Door, spec: DoorSpec, taken_by: Mapping[int, str]) -> bool:
        """It serves where the settings want it, or where they allow it to be."""
        view, at = door.view, door.view.actual_port
        if at is None or at in taken_by or door.serving is None or door.serving.done():
            return False
        as_wanted = (view.host, view.port) == (self._spec.host, spec.port)
        return as_wanted and at in (spec.port, spec.alternative_port)

    async def _open(
        self,
        name: DoorName,
        door: _Door,
        spec: DoorSpec,
        tasks: asyncio.TaskGroup,
        taken_by: Mapping[int, str],
    ) -> None:
        host = self._spec.host
        occupant, why = await self._hindrance(host, spec.port, taken_by)
        if why is None:
            listening, why = _listen(host, spec.port)
            if listening is not None:
                self._serve(name, door, listening, tasks)
                self._show(
                    door,
                    DoorView(
                        name=name, state="open", host=host, port=spec.port, actual_port=spec.port
                    ),
                )
                return
        listening, other_why = (
            (None, f"the endpoint {taken_by[spec.alternative_port]!r} lives there")
            if spec.alternative_port in taken_by
            else _listen(host, spec.alternative_port)
        )
        at = None if listening is None else spec.alternative_port
        if listening is not None:
            self._serve(name, door, listening, tasks)
        reason = f"port {spec.port}: {why}"
        if at is None:
            reason += f"; port {spec.alternative_port}: {other_why}"
        self._show(
            door,
            DoorView(
                name=name,
                state="closed" if at is None else "moved",
                host=host,
                port=spec.port,
                actual_port=at,
                holder=None if occupant is None else occupant.text,
                holder_kind=None if occupant is None else occupant.kind,
                reason=reason,
                hint=_hint(name, spec, at),
            ),
        )

    async def _hindrance(
        self, host: str, port: int, taken_by: Mapping[int, str]
    ) -> tuple[Occupant | None, str | None]:
        """Who keeps us from a port, and the reason in words; nothing when it can be had."""
        if port in taken_by:
            return None, f"the endpoint {taken_by[port]!r} lives there"
        if _can_bind(host, port):
            return None, None
        occupant = await self._occupant(port)
        return occupant, f"{occupant.text if occupant else 'another program'} listens there"

    def _serve(
        self, name: DoorName, door: _Door, listening: socket.socket, tasks: asyncio.TaskGroup
    ) -> None:
        door.server = self._make_server(name)
        door.serving = tasks.create_task(_served(door.server, listening), name=f"door {name}")

    async def _close(self, door: _Door) -> None:
        if door.server is not None:
            door.server.stop()
        if door.serving is not None:
            await door.serving
        door.server = door.serving = None

    def _show(self, door: _Door, view: DoorView) -> None:
        if view == door.view:
            return
        door.view = view
        if view.state in ("moved", "closed"):
            _log.warning("gateway: %s. %s", view.reason, view.hint)
        self._changed(view)


async def _served(server: DoorServer, listening: socket.socket) -> None:
    try:
        await server.serve(sockets=[listening])
    finally:
        listening.close()


def _can_bind(host: str, port: int) -> bool:
    try:
        bound_socket(host, port).close()
    except OSError:
        return False
    return True


def _listen(host: str, port: int) -> tuple[socket.socket | None, str]:
    """A listening socket, or why there is none."""
    try:
        return listening_socket(host, port), ""
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return None, "another program listens there"
        if error.errno == errno.EADDRNOTAVAIL:
            return None, f"{host} is not an address of this machine"
        return None, error.strerror or str(error)


def _off(name: DoorName, spec: DoorSpec, host: str) -> DoorView:
    return DoorView(name=name, state="off", host=host, port=spec.port)


def _with_freedom(view: DoorView, free: bool) -> DoorView:
    return replace(view, free_again=free)


def _hint(name: DoorName, spec: DoorSpec, at: int | None) -> str:
    if at is None:
        return f"free one of the two ports, or name others in gateway.{name}"
    return f"clients find us at port {at} until port {spec.port} is free and you move us back"
