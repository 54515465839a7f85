"""`/api/session`: what the caller may do, and links that let a browser in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.auth import HINT, LINK_S
from llama_runner_pro.api.config_shapes import Access, SessionLink
from llama_runner_pro.api.route import Reply

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def access(call: Call) -> Reply:
    """Without the token everybody may ask."""
    return Reply(
        Access(
            may_change=call.has_token,
            token_for_everything=call.deps.gate.everything,
            hint="" if call.has_token else HINT,
        )
    )


async def link(call: Call) -> Reply:
    """For `llama-runner-pro open`."""
    return Reply(SessionLink(path=call.deps.gate.issue_link(), expires_in_s=LINK_S))
