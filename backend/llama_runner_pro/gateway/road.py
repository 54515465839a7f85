"""What all trips share, and who takes their answers."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from llama_runner_pro.core.errors import GatewayError
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import RequestSink
    from llama_runner_pro.gateway.aftermath import Aftermath
    from llama_runner_pro.gateway.capture import CaptureRing
    from llama_runner_pro.gateway.patience import Patience
    from llama_runner_pro.gateway.ports import Admission, Progress
    from llama_runner_pro.gateway.upstream import Upstreams
    from llama_runner_pro.gateway.upstream_connection import Head

_log = logging.getLogger(__name__)


class Limits(ValueObject, frozen=True, kw_only=True):
    """How long a server may take."""

    connect_timeout_s: float = 5.0
    first_byte_timeout_s: float = 600.0
    stall_timeout_s: float = 120.0
    """Silence in the middle of an answer; also how long a client may not read."""


@dataclass(slots=True, kw_only=True)
class Road:
    """What all trips share."""

    admission: Admission
    upstreams: Upstreams
    sink: RequestSink
    clock: Clock
    patience: Patience
    limits: Limits
    aftermath: Aftermath
    capture: CaptureRing | None
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class Underway:
    """A request on its way to a server and back, as `Patience` knows it."""

    __slots__ = ()

    def look(self, now_s: float) -> None:
        """See whether it has taken too long at `now_s` (monotonic)."""
        raise NotImplementedError

    def stop(self) -> None:
        """The gateway ends: so does it, with an error."""
        raise NotImplementedError


class Consumer(Protocol):
    """Takes the answer of a trip."""

    def arrived(self, head: Head | None, body: bytes, done: bool, /) -> None:
        """As `upstream_connection.Listener.heard`."""
        ...

    def failed(self, error: GatewayError, /) -> None:
        """There is no answer, or no more of it."""
        ...

    def progressed(self, progress: Progress, /) -> None:
        """It waits."""
        ...


class _Nobody:
    """Takes what comes when everything is over."""

    def arrived(self, _head: Head | None, _body: bytes, _done: bool, /) -> None:
        """Nobody waits for it."""

    def failed(self, _error: GatewayError, /) -> None:
        """Nobody waits for it."""

    def progressed(self, _progress: Progress, /) -> None:
        """Nobody waits for it."""


NOBODY: Consumer = _Nobody()


async def guarded(
    work: Coroutine[Any, Any, None],
    cancelled: Callable[[], None],
    stumbled: Callable[[GatewayError], None],
) -> None:
    """Run `work` in the task group that all requests share: no bug in one may end it."""
    try:
        await work
    except asyncio.CancelledError:
        cancelled()
        raise
    except GatewayError as error:
        stumbled(error)
    except Exception:  # noqa: BLE001 - reported here, answered, and fatal to nobody else
        _log.exception("a request failed unexpectedly")
        stumbled(GatewayError("something failed inside the gateway"))
