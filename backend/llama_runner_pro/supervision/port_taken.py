"""A port that somebody else holds, and what could be done about that. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.ports import Proposal

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec

_PLACEHOLDER = "${PORT}"


@dataclass(repr=False)
class PortHeld(StartFailed):
    """A start that failed because a foreign process holds the port. It is never ended by us."""

    proposal: Proposal | None = None


def can_move(spec: EndpointSpec) -> bool:
    """True when the endpoint would listen wherever its configuration says."""
    if spec.start_command:
        told = (*spec.start_command, *spec.env.values())
        return any(_PLACEHOLDER in element for element in told)
    return spec.kind in ("embedded", "llamacpp")


def port_held(port: int, who: str, free: int | None) -> PortHeld:
    """The failure in words. `free` is the port to propose instead, where there is one."""
    hint = "Stop that program or give this endpoint another port, then press Heal."
    proposal = None
    if free is not None:
        hint = f"Accept port {free}, or stop that program and press Heal."
        proposal = Proposal(kind="port", summary=f"use port {free} instead of {port}", port=free)
    return PortHeld(f"port {port} is held by {who}", hint=hint, final=True, proposal=proposal)
