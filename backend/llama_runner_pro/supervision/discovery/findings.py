"""What a discovery found: the shapes that the API and the command line show."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from msgspec import Struct

Confidence = Literal["certain", "likely"]


class PartOf(Struct, frozen=True, kw_only=True):
    """The program that started a server and uses it for itself."""

    product: str
    label: str
    pid: int
    url: str | None
    """Where that program answers itself; None when it does not."""


class FoundServer(Struct, frozen=True, kw_only=True):
    """A model server that runs on this computer."""

    product: str
    """Stable word: ollama, lmstudio, llamacpp, koboldcpp …"""
    label: str
    """The name people know it by."""
    kind: str
    """The kind of endpoint it would be."""
    url: str
    port: int
    confidence: Confidence
    evidence: tuple[str, ...]
    """What told it, in words."""
    models: tuple[str, ...]
    """Names it offers; at most 50."""
    loading: bool
    """It says that it is still loading."""
    needs_key: bool
    """It refuses requests without an API key."""
    pid: int | None
    """Process that listens there; None when we may not know."""
    program: str | None
    """Name of that process's program."""
    configured_as: str | None
    """Name of the endpoint that watches it already."""
    part_of: PartOf | None
    """Not a server of its own: it belongs to another program, which looks after it."""
    proposal: dict[str, Any] | None
    """An endpoint as `POST /api/endpoints` takes it; None when it makes no sense to add one."""
    note: str | None
    """What the user should know or do, in words."""


class InstalledProgram(Struct, frozen=True, kw_only=True):
    """A program that could serve models and does not run."""

    product: str
    label: str
    kind: str
    path: str
    """The program file."""
    command: tuple[str, ...]
    """What starts it; may hold `${PORT}` and `${MODEL}`. Empty when it is started by hand."""
    needs: tuple[str, ...]
    """Fields that the proposal lacks and the user must fill in, such as `model_path`."""
    proposal: dict[str, Any] | None
    """An endpoint as `POST /api/endpoints` takes it once `needs` are filled in."""
    note: str | None


class Discovery(Struct, frozen=True, kw_only=True):
    """`GET /api/discover`."""

    found: tuple[FoundServer, ...]
    """By port; a server that is part of another program follows that program."""
    installed: tuple[InstalledProgram, ...]
    took_ms: float
    complete: bool
    """False when time ran out before every listening socket had been asked."""


class Discovering(Protocol):
    """Looking for model servers on this computer."""

    async def scan(self) -> Discovery:
        """One look, shared by those who ask at the same time; bounded by its own deadline."""
        ...
