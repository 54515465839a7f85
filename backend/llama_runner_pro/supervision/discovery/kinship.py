"""Which servers are no servers of their own, but part of another program. Pure.

Ollama, Jan and Lemonade start llama-server for each model they load and look after it. Whoever
watched such a child as well would fight its parent over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.supervision.discovery.findings import PartOf
from llama_runner_pro.supervision.discovery.products import product_of_program
from llama_runner_pro.supervision.discovery.proposals import base_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.supervision.discovery.fingerprints import Match
    from llama_runner_pro.supervision.discovery.listeners import Listener


class Sighting(ValueObject, frozen=True, eq=False):
    """A recognised server and its socket."""

    listener: Listener
    match: Match


def part_of(sighting: Sighting, all_sightings: Sequence[Sighting]) -> PartOf | None:
    """The nearest ancestor that runs servers for itself; None for a server of its own.

    That is one that answers as a model server itself, or whose program is known to do so.
    """
    by_pid = {
        each.listener.pid: each
        for each in all_sightings
        if each.listener.pid is not None and each.listener.pid != sighting.listener.pid
    }
    for parent in sighting.listener.parents:
        serving = by_pid.get(parent.pid)
        if serving is not None:
            product, listener = serving.match.product, serving.listener
            url = base_url(product, listener.host, listener.port)
            return PartOf(product=product.key, label=product.label, pid=parent.pid, url=url)
        known = product_of_program(parent.program)
        if known is not None and known.runs_children:
            return PartOf(product=known.key, label=known.label, pid=parent.pid, url=None)
    return None
