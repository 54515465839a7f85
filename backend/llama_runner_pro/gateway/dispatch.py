"""What goes from a client's request to a model server, and what is known of the client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.endpoints.traffic import Operation, Surface
from llama_runner_pro.gateway.body import Spooled
from llama_runner_pro.gateway.lifted import Woven

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llama_runner_pro.gateway.ports import Visitor

STATE_GONE = "gone"
STATE_VISITOR = "visitor"
STATE_SPOOLED = "spooled"


class Dispatch(msgspec.Struct, frozen=True):
    """What is sent to a model server. Host, length and secret headers are added on the way."""

    method: str
    path: str
    """Below the server's base path, query included: `/v1/chat/completions`."""
    lines: bytes = b""
    """Whole header lines, without what concerns only the client and us."""
    body: bytes | Spooled | Woven = b""


class Gone(asyncio.Event):
    """Set when the client went away. `scope["state"]["gone"]` of every request at a door is one,
    and is set by the door; nobody needs to wait for `http.disconnect`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.on_set: Callable[[], None] | None = None
        """Called at the moment it is set."""

    def set(self) -> None:
        """The client is gone."""
        super().set()
        if self.on_set is not None:
            self.on_set()


class _NobodyWaits:
    """Stands where uvicorn wakes an application."""

    def set(self) -> None:
        """There is none."""


NOBODY_WAITS = _NobodyWaits()


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the client's request."""

    surface: Surface
    operation: Operation
    path: str
    """As the client sent it, without query."""
    client: str | None = None
    """Its User-Agent."""
    key: str | None = None
    """Name of its API key."""
    stream: bool = False
    bytes_in: int = 0
    gone: Gone | None = None


def gone_of(scope: Mapping[str, Any]) -> Gone:
    """The event that the door put into an ASGI scope; one that is never set outside a door."""
    found = scope.get("state", {}).get(STATE_GONE)
    return found if isinstance(found, Gone) else Gone()


def spooled_of(scope: Mapping[str, Any]) -> Spooled | None:
    """The body, where it lies on disk already. Whoever reads it closes it."""
    found: Spooled | None = scope.get("state", {}).get(STATE_SPOOLED)
    return found


def visitor_of(scope: Mapping[str, Any]) -> Visitor | None:
    """Who the door let in; None outside a door."""
    found: Visitor | None = scope.get("state", {}).get(STATE_VISITOR)
    return found
