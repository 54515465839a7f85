"""The listening sockets that loopback reaches on this computer, and whose they are."""

from __future__ import annotations

import ipaddress
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Owner = tuple[str | None, tuple["Process", ...]]

_INTERPRETERS = ("python", "node", "java", "ruby", "bun", "deno")
_LINEAGE_MAX = 16


class Process(ValueObject, frozen=True):
    """One process: its number and the name of its program, lower case and without `.exe`."""

    pid: int
    program: str


class Listener(ValueObject, frozen=True, kw_only=True):
    """A TCP socket that waits for connections, at the loopback address it is reached by."""

    host: str
    port: int
    pid: int | None = None
    """None when we may not know."""
    program: str | None = None
    parents: tuple[Process, ...] = ()
    """The process that started the owner, then that one's, and so on."""


def read_listeners() -> list[Listener]:
    """Every socket that loopback reaches, by port. Blocking (milliseconds)."""
    return merged(_sockets(), cache(_owner))


def merged(
    sockets: Iterable[tuple[str, int, int | None]], owner_of: Callable[[int], Owner]
) -> list[Listener]:
    """One listener for each server, of sockets given as bound address, port and pid.

    Workers of one server share a port, and most servers listen on both families: each is asked
    once, on the older family.
    """
    found: dict[tuple[int, bool], Listener] = {}
    for bound, port, pid in sockets:
        host = reached_by(bound)
        if host is None:
            continue
        program, parents = owner_of(pid) if pid is not None else (None, ())
        known = found.get((port, ":" in host))
        if known is None or (known.pid is None and pid is not None):
            found[port, ":" in host] = Listener(
                host=host, port=port, pid=pid, program=program, parents=parents
            )
    for port, newer in list(found):
        older = found.get((port, False))
        if newer and older is not None and older.program == found[port, newer].program:
            del found[port, newer]
    return sorted(found.values(), key=lambda listener: listener.port)


def reached_by(bound: str) -> str | None:
    """The loopback address that reaches a socket bound to `bound`; None when none does."""
    try:
        address = ipaddress.ip_address(bound.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return reached_by(str(address.ipv4_mapped))
        return "::1" if address.is_loopback or address.is_unspecified else None
    if address.is_unspecified:
        return "127.0.0.1"
    return str(address) if address.is_loopback else None


def program_name(exe: str, argv: Sequence[str]) -> str:
    """The program a process runs, as people would name it: for a script, the script's name."""
    name = _plain(exe or (argv[0] if argv else ""))
    if not name.startswith(_INTERPRETERS):
        return name
    arguments = list(argv[1:])
    while arguments:
        word = arguments.pop(0)
        if word == "-m" and arguments:
            return arguments[0].lower()
        if not word.startswith("-"):
            return _plain(word) or name
    return name


def _sockets() -> Iterator[tuple[str, int, int | None]]:
    try:
        yield from _listening(psutil.net_connections(kind="tcp"), None)
    except psutil.AccessDenied:
        # macOS shows the whole table to root alone, but each process its owner's.
        for process in psutil.process_iter():
            try:
                connections = process.net_connections(kind="tcp")
            except psutil.Error:
                continue
            yield from _listening(connections, process.pid)


def _listening(
    connections: Iterable[object], owner: int | None
) -> Iterator[tuple[str, int, int | None]]:
    for connection in connections:
        if getattr(connection, "status", None) == psutil.CONN_LISTEN:
            address = getattr(connection, "laddr", None)
            if address:
                yield address.ip, address.port, getattr(connection, "pid", None) or owner


def _owner(pid: int) -> Owner:
    try:
        process = psutil.Process(pid)
        program = _program(process)
        parents = process.parents()[:_LINEAGE_MAX]
    except psutil.Error:
        return None, ()
    return program, tuple(
        Process(parent.pid, _program(parent) or "") for parent in parents if parent.pid > 1
    )


def _program(process: psutil.Process) -> str | None:
    try:
        exe = process.exe().removesuffix(" (deleted)")
        return program_name(exe, process.cmdline())
    except psutil.Error:
        pass
    try:
        # Another user's: the name alone is for everybody.
        return _plain(process.name()) or None
    except psutil.Error:
        return None


def _plain(path: str) -> str:
    return PurePath(path.replace("\\", "/")).name.lower().removesuffix(".exe")
