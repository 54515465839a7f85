"""What accepting a proposal changes in the configuration. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.endpoints.ports import Proposal
    from llama_runner_pro.endpoints.spec import EndpointSpec

    ApplyProposal = Callable[[str, dict[str, object]], Awaitable[object]]
    """Changes keys of an endpoint's entry in the configuration; what depends on it follows."""


def changes_of(spec: EndpointSpec, proposal: Proposal) -> dict[str, object]:
    """Keys of the endpoint's entry with their new values."""
    if proposal.port is None:
        return {"parameters": {**spec.parameters, **proposal.parameters}}
    changes: dict[str, object] = {"port": proposal.port}
    parts = urlsplit(spec.url)
    if parts.port is not None:
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        changes["url"] = parts._replace(netloc=f"{host}:{proposal.port}").geturl()
    return changes
