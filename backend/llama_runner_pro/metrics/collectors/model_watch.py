"""Asking one model server about itself: how often, how long, and what its silence means."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from llama_runner_pro.core.errors import CollectorError, DeadlineExceeded, TransportError
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Parts
    from llama_runner_pro.metrics.model import Value
    from llama_runner_pro.transport.client import HttpClient, Response

    Found = tuple[Mapping[str, Value], Mapping[str, str]]
    """Values, and reasons for missing ones, by part."""

REQUEST_DEADLINE_S = 0.25
"""A server that works on a long prompt answers only between two batches: ticks do not wait."""
BUSY_RETRY_MAX_S = 4.0
SWITCHED_OFF_RETRY_S = 60.0


class SwitchedOff(CollectorError):
    """The server runs, but was told not to show this, or is too old to know it."""


class ModelWatch:
    """What we remember of one server between two ticks.

    Subclasses look; here is decided when, and what a failed look means: a busy server is asked
    again after 1 s, 2 s and then every 4 s, one that does not offer the page after a minute.
    """

    parts: ClassVar[Parts]
    """All that it can tell, by the last part of the field's name."""
    min_interval_s: ClassVar[float] = 0.0
    """Servers that log every request are asked less often; the last answer counts meanwhile."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._not_before_s = float("-inf")
        self._failures = 0
        self._found: Found = ({}, {})

    async def ask(self, target: MetricTarget, now_s: float) -> Found:
        """Values and reasons by part. Raises nothing but `CancelledError`."""
        if now_s < self._not_before_s:
            return self._found
        try:
            found = await self._look(target, now_s)
        except SwitchedOff as error:
            self._rest(str(error), now_s, SWITCHED_OFF_RETRY_S)
        except DeadlineExceeded:
            self._rest("busy: it does not tell at the moment", now_s, None)
        except (TransportError, UnicodeDecodeError) as error:
            self._rest(str(error), now_s, None)
        else:
            self._failures = 0
            self._found = found
            # A little early is on time: ticks come a little before or after their due time.
            self._not_before_s = now_s + self.min_interval_s * 0.9
        return self._found

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        """Ask once. Raises `SwitchedOff`, `TransportError` or `UnicodeDecodeError`."""
        raise NotImplementedError

    def _forget(self) -> None:
        """A look failed: what builds on an unbroken row of looks starts over."""

    async def _get(self, target: MetricTarget, path: str, otherwise: str) -> Response:
        """One page. Raises `SwitchedOff` with `otherwise` when the server has no such page."""
        response = await self._http.request(
            "GET",
            target.url.rstrip("/") + path,
            deadline_s=REQUEST_DEADLINE_S,
            headers=target.headers,
        )
        if response.status in {401, 403}:
            raise SwitchedOff(f"{path} asks for an API key")
        if response.status != 200:
            raise SwitchedOff(otherwise)
        return response

    def _rest(self, reason: str, now_s: float, pause_s: float | None) -> None:
        self._failures += 1
        self._found = ({}, dict.fromkeys(self.parts, reason))
        self._forget()
        if pause_s is None:
            pause_s = delay_s(
                self._failures, initial_s=1.0, max_s=BUSY_RETRY_MAX_S, jitter=0, rand=float
            )
        self._not_before_s = now_s + pause_s
