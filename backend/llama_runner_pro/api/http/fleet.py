"""`/api/fleet`: this computer and, past one machine, all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.route import Reply
from llama_runner_pro.api.told import told
from llama_runner_pro.metrics.fleet import Fleet, judged, own_facts

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def fleet(call: Call) -> Reply:
    """The worst first; without a store of many computers, this one alone."""
    if call.deps.fleet is not None:
        return Reply(await call.deps.fleet.hosts())
    now = told(call.deps)
    alone = judged(own_facts(now, now.host), call.deps.clock.wall_ms())
    return Reply(Fleet(backend="embedded", this_host=now.host, hosts=[alone]))
