"""`/api/discover`: which model servers run on this computer, and which could be started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.route import Reply

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def discover(call: Call) -> Reply:
    """Look once; answers within three and a half seconds. Calls at the same time share a look."""
    return Reply(await call.deps.discovery.scan())
