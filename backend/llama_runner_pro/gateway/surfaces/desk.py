"""What every surface works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.journey import Journeys
    from llama_runner_pro.gateway.ports import Access, ModelNames, ModelTable


class GatewayInfo(ValueObject, frozen=True, kw_only=True):
    """What surfaces tell of us, and how much they take."""

    version: str
    """Ours."""
    clock: Clock
    body_limit_bytes: Callable[[], int]
    """Asked anew for every request."""
    loading_text: Callable[[], bool] = lambda: False
    """Streaming clients are told that the model loads. Asked anew for every request."""
    spool_folder: Path | None = None
    """Where large requests lie; None: the system's folder for such files."""
    names: ModelNames | None = None
    """Where clients' own names for models are kept; None: nowhere, and they are told so."""


class Desk(ValueObject, frozen=True, kw_only=True):
    """The parts of the gateway behind the surfaces."""

    journeys: Journeys
    table: ModelTable
    access: Access
    info: GatewayInfo
