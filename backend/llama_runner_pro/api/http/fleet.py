"""`/api/fleet`: this computer and, past one machine, all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.route import Reply

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def fleet(call: Call) -> Reply:
    """The worst first; without a store of many computers, this one alone."""
    return Reply(await call.deps.fleet.hosts())
