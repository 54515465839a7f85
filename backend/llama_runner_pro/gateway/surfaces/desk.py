"""What every surface works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.journey import Journeys
    from llama_runner_pro.gateway.ports import Access, ModelNames, ModelTable


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayInfo:
    """What surfaces tell of us, and how much they take."""

    version: str
    """Ours."""
    clock: Clock
    body_limit_bytes: Callable[[], int]
    """Asked anew for every request."""
    loading_text: Callable[[], bool] = lambda: False
    """Streaming clients are told that the model loads. Asked anew for every request."""
    names: ModelNames | None = None
    """Where clients' own names for models are kept; None: nowhere, and they are told so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts of the gateway behind the surfaces."""

    journeys: Journeys
    table: ModelTable
    access: Access
    info: GatewayInfo
