"""One look at this computer: which model servers run, and which could."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from msgspec import field

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.supervision.discovery.answers import Answers
from llama_runner_pro.supervision.discovery.asking import Asking
from llama_runner_pro.supervision.discovery.findings import Discovery, FoundServer
from llama_runner_pro.supervision.discovery.fingerprints import fingerprint
from llama_runner_pro.supervision.discovery.installed import read_installed
from llama_runner_pro.supervision.discovery.kinship import Sighting, part_of
from llama_runner_pro.supervision.discovery.listeners import Listener, reached_by, read_listeners
from llama_runner_pro.supervision.discovery.products import (
    OWN_ENGINE,
    USUAL_PORTS,
    product_of_program,
)
from llama_runner_pro.supervision.discovery.proposals import NEEDS_KEY, Proposals, base_url
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.discovery.findings import PartOf
    from llama_runner_pro.supervision.discovery.fingerprints import Match
    from llama_runner_pro.supervision.discovery.installed import Program
    from llama_runner_pro.supervision.probes.http import Http

SCAN_S = 2.8
"""Time for everything; what has not answered by then is judged by what it said so far."""
SOCKETS_MAX = 512
# They speak other protocols, and some of them log a stray HTTP request as an attack.
_NEVER_ASKED = frozenset(
    {22, 25, 53, 110, 111, 139, 143, 389, 445, 465, 587, 631, 636, 993, 995, 1433, 1521, 2049}
    | {3306, 3389, 5432, 5672, 5900, 6379, 9042, 11211, 27017}
)


class Known(Protocol):
    """What discovery needs to know of a configured endpoint; `EndpointView` has it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def url(self) -> str:
        """Its base URL."""
        ...

    @property
    def port(self) -> int | None:
        """Its port, where the URL does not say."""
        ...


class Machine(ValueObject, frozen=True):
    """How this computer is looked at; the functions block and run in threads."""

    listeners: Callable[[], Sequence[Listener]] = read_listeners
    installed: Callable[[], Sequence[Program]] = read_installed
    own_pid: int = field(default_factory=os.getpid)


async def discover(
    http: Http, clock: Clock, known: Sequence[Known], machine: Machine | None = None
) -> Discovery:
    """Look at this computer once; takes at most `SCAN_S` and changes nothing.

    Only loopback is asked, with GET alone and without any key. Sockets of this very process are
    left out. Cancelling closes every connection.
    """
    machine = machine or Machine()
    started_s = clock.monotonic()
    programs: list[Program] = []
    asked: list[tuple[Listener, Answers]] = []
    ports: set[int] = set()
    complete = True
    try:
        async with Deadline(clock, SCAN_S):
            installed = in_own_thread("discovery-programs", machine.installed)
            listeners = await in_own_thread("discovery-sockets", machine.listeners)
            ports.update(listener.port for listener in listeners)
            programs += await installed
            asked += [(each, Answers()) for each in _candidates(listeners, known, machine.own_pid)]
            asking = Asking(http)
            async with asyncio.TaskGroup() as questions:
                for listener, answers in asked:
                    questions.create_task(asking.ask(listener, answers))
    except TimeoutError:
        complete = False
    sightings = [
        Sighting(listener, match)
        for listener, answers in asked
        if (match := _recognised(listener, answers)) is not None
    ]
    return _findings(
        sightings,
        programs,
        known,
        ports,
        took_ms=round((clock.monotonic() - started_s) * 1000, 1),
        complete=complete,
    )


async def look(clock: Clock, known: Sequence[Known]) -> Discovery:
    """`discover` with a client of its own, so that no connection to a stranger is kept."""
    http = HttpClient(clock)
    try:
        return await discover(http, clock, known)
    finally:
        await http.aclose()


def known_ports(known: Iterable[Known]) -> dict[int, str]:
    """Port on this computer → name of the endpoint that is configured there."""
    found: dict[int, str] = {}
    for endpoint in known:
        parts = urlsplit(endpoint.url)
        host = parts.hostname or "127.0.0.1"
        port = parts.port or endpoint.port
        if port is not None and (host == "localhost" or reached_by(host) is not None):
            found.setdefault(port, endpoint.name)
    return found


def _candidates(
    listeners: Sequence[Listener], known: Sequence[Known], own_pid: int
) -> list[Listener]:
    """Whom to ask, the promising ones first."""
    seen = {listener.port for listener in listeners}
    # Containers and other users' processes may listen where the table does not show it.
    configured = known_ports(known)
    unseen = [port for port in (*USUAL_PORTS, *configured) if port not in seen]
    found = [
        *listeners,
        *(Listener(host="127.0.0.1", port=port) for port in dict.fromkeys(unseen)),
    ]
    asked = [each for each in found if each.port not in _NEVER_ASKED and each.pid != own_pid]
    asked.sort(
        key=lambda each: (
            each.port not in configured,
            product_of_program(each.program) is None,
            each.port not in USUAL_PORTS,
        )
    )
    return asked[:SOCKETS_MAX]


def _recognised(listener: Listener, answers: Answers) -> Match | None:
    listening = bool(answers.by_path) or listener.pid is not None
    return fingerprint(answers, listener.program, listener.port) if listening else None


def _findings(
    sightings: Sequence[Sighting],
    programs: Sequence[Program],
    known: Sequence[Known],
    ports: set[int],
    *,
    took_ms: float,
    complete: bool,
) -> Discovery:
    configured = known_ports(known)
    proposals = Proposals((each.name for each in known), {*ports, *configured})
    owners = {sighting: part_of(sighting, sightings) for sighting in sightings}
    found = []
    for sighting in sorted(sightings, key=lambda each: _order(each, owners[each], sightings)):
        name = configured.get(sighting.listener.port)
        found.append(_found(sighting, owners[sighting], name, proposals))
    running = {each.match.product.key for each in sightings if each.listener.program != OWN_ENGINE}
    running |= {owner.product for owner in owners.values() if owner is not None}
    return Discovery(
        found=tuple(found),
        installed=tuple(
            proposals.start(each) for each in programs if each.startable.product not in running
        ),
        took_ms=took_ms,
        complete=complete,
    )


def _order(
    sighting: Sighting, owner: PartOf | None, sightings: Sequence[Sighting]
) -> tuple[int, bool, int]:
    """By port, but what is part of a program right behind it."""
    port = sighting.listener.port
    if owner is None:
        return port, False, port
    of_owner = [each.listener.port for each in sightings if each.listener.pid == owner.pid]
    return min(of_owner, default=port), True, port


def _found(
    sighting: Sighting, owner: PartOf | None, name: str | None, proposals: Proposals
) -> FoundServer:
    listener, match = sighting.listener, sighting.match
    offered = name is None and owner is None
    note = None
    if owner is not None:
        note = f"It belongs to {owner.label} (pid {owner.pid}), which starts and stops it."
    elif match.needs_key and offered:
        note = NEEDS_KEY
    elif listener.program == OWN_ENGINE and offered:
        note = "It is an engine of LlamaRunner Pro that this one did not start."
    return FoundServer(
        product=match.product.key,
        label=match.product.label,
        kind=match.product.kind,
        url=base_url(match.product, listener.host, listener.port),
        port=listener.port,
        confidence=match.confidence,
        evidence=match.evidence,
        models=match.models,
        loading=match.loading,
        needs_key=match.needs_key,
        pid=listener.pid,
        program=listener.program,
        configured_as=name,
        part_of=owner,
        proposal=proposals.watch(match, listener.host, listener.port) if offered else None,
        note=note,
    )
