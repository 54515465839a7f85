"""`/api/bundles`: what was gathered about each fault while debug mode was on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.api.bundle_shapes import Bundles
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Attachment, Reply

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def all_bundles(call: Call) -> Reply:
    """Newest first."""
    found = await asyncio.to_thread(call.deps.bundles.all)
    return Reply(Bundles(debug_mode=call.deps.supervisor.debug_mode, bundles=list(found)))


async def one_bundle(call: Call) -> Reply:
    """The archive itself."""
    wanted = call.path["name"]
    content = await asyncio.to_thread(call.deps.bundles.read, wanted)
    if content is None:
        raise ApiProblem(
            404,
            "unknown_bundle",
            "No such bundle",
            f"there is no diagnostics bundle {wanted!r}",
            hint="GET /api/bundles lists the ones that are kept; old ones give way to new ones",
        )
    return Reply(Attachment(wanted, content))
