"""`/api/endpoints`: everything known about each endpoint. Reading only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.route import Reply
from llama_runner_pro.api.schemas import Endpoints

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def all_endpoints(call: Call) -> Reply:
    """In the configuration's order."""
    return Reply(Endpoints(endpoints=list(call.deps.supervisor.views())))


async def one_endpoint(call: Call) -> Reply:
    """By name."""
    return Reply(call.deps.supervisor.view(call.path["name"]))
