"""Who has a TCP port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.transport.listening import bound_socket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_PORTS_TRIED = 200


class Holder(ValueObject, frozen=True):
    """The process that listens on a port; without rights we may not learn which."""

    pid: int | None
    name: str | None

    @property
    def text(self) -> str:
        """`nginx (pid 99)`, for people."""
        if self.pid is None:
            return "a process of another user"
        return f"{self.name or 'a process'} (pid {self.pid})"


def is_free(host: str, port: int) -> bool:
    """True when a server could listen there now. Found out by binding, which takes microseconds.

    A port in TIME_WAIT counts as free: servers listen over it.
    """
    try:
        bound_socket(host, port).close()
    except OSError:
        return False
    return True


def next_free(host: str, port: int, reserved: Collection[int] = ()) -> int | None:
    """The first port above `port` that is free and not in `reserved`; None within 200 ports."""
    address = "::1" if host == "::1" else "127.0.0.1"
    above = range(port + 1, min(port + 1 + _PORTS_TRIED, 65_536))
    return next((one for one in above if one not in reserved and is_free(address, one)), None)


async def holder(port: int) -> Holder | None:
    """The process that listens on `port` of any address; None when nobody does.

    Reads the whole socket table in a thread (milliseconds, more on a busy machine): only ask
    when a port is known to be taken.
    """
    return await in_own_thread("holder", _holder, port)


def _holder(port: int) -> Holder | None:
    found: Holder | None = None
    for local_port, pid in _listeners():
        if local_port != port:
            continue
        if pid is not None:
            return Holder(pid, _name(pid))
        found = Holder(None, None)
    return found


def _listeners() -> Iterator[tuple[int, int | None]]:
    try:
        yield from _listening(psutil.net_connections(kind="tcp"))
    except psutil.AccessDenied:
        # macOS shows the whole table to root alone, but each process its owner's.
        for process in psutil.process_iter():
            try:
                connections = process.net_connections(kind="tcp")
            except psutil.Error:
                continue
            for port, _ in _listening(connections):
                yield port, process.pid


def _listening(connections: Iterable[object]) -> Iterator[tuple[int, int | None]]:
    for connection in connections:
        if getattr(connection, "status", None) == psutil.CONN_LISTEN:
            address = getattr(connection, "laddr", None)
            if address:
                yield address.port, getattr(connection, "pid", None)


def _name(pid: int) -> str | None:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return None
