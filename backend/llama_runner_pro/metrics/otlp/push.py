"""Sends everything that is told to an OpenTelemetry collector, by OTLP over HTTP.

Nothing is queued: each push holds the newest values, and totals are cumulative. So a collector
that was away costs gaps and no memory.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import random
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import TransportError
from llama_runner_pro.metrics.otlp.encode import OtlpMissing, encoded
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.config.monitoring import OtlpSpec
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.prometheus.families import Told
    from llama_runner_pro.metrics.prometheus.store import Asking
    from llama_runner_pro.transport.client import Response

_log = logging.getLogger(__name__)

PATH = "/v1/metrics"
DEADLINE_S = 10.0
LONGEST_PAUSE_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
"""A collector may ask for this much patience, and no more."""
_ANSWER_BYTES = 64_000
_GZIP_LEVEL = 1


class OtlpStatus(Struct, frozen=True, kw_only=True):
    """How pushing to an OpenTelemetry collector goes. Travels as it is."""

    enabled: bool
    ok: bool | None = None
    """The last push arrived; None before the first one."""
    reason: str | None = None
    """Why it did not, in words."""
    last_sent_ms: int | None = None
    sent: int = 0
    failed: int = 0


class _NotTaken(Exception):
    """The collector did not take a push; the text says why."""

    def __init__(self, words: str, retry_after_s: float = 0.0) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after_s


class OtlpPush:
    """One task that pushes at the configured rhythm, and follows the configuration."""

    def __init__(
        self, spec: OtlpSpec, http: Asking, clock: Clock, told: Callable[[], Told]
    ) -> None:
        self._http, self._clock, self._told = http, clock, told
        self._changed = asyncio.Event()
        self._started_ms = clock.wall_ms()
        self._spec = spec
        self._failures = 0
        self.status = OtlpStatus(enabled=spec.enabled)

    def configure(self, spec: OtlpSpec) -> None:
        """Take on another configuration; acts at once."""
        if spec == self._spec:
            return
        self._spec, self._failures = spec, 0
        self.status = OtlpStatus(enabled=spec.enabled)
        self._changed.set()

    async def run(self) -> None:
        """Push until cancelled, which ends at once, whatever the collector does."""
        pause_s = self._spec.interval_s
        while True:
            if not self._spec.enabled or await self._changes_within(pause_s):
                await self._changed.wait()
                self._changed.clear()
                pause_s = self._spec.interval_s
            else:
                pause_s = await self._push()

    async def _changes_within(self, seconds: float) -> bool:
        """Wait, but not longer than until the configuration changes."""
        with suppress(TimeoutError):
            async with Deadline(self._clock, seconds):
                await self._changed.wait()
        return self._changed.is_set()

    async def _push(self) -> float:
        """Send once; returns how long to wait before the next one."""
        spec = self._spec
        failure: Exception | None = None
        try:
            await self._send(spec)
        except (_NotTaken, TransportError, OtlpMissing) as error:
            failure = error
        except ValueError:
            # Its text may repeat a header, which is a secret.
            failure = _NotTaken("its address or a header cannot be sent")
        if spec is not self._spec:
            return 0.0  # what became of it concerns nobody any more
        if failure is not None:
            return self._missed(failure)
        if self._failures:
            _log.info("the OpenTelemetry collector takes measurements again")
        self._failures = 0
        self.status = OtlpStatus(
            enabled=True,
            ok=True,
            last_sent_ms=self._clock.wall_ms(),
            sent=self.status.sent + 1,
            failed=self.status.failed,
        )
        return spec.interval_s

    async def _send(self, spec: OtlpSpec) -> None:
        told, now_ms = self._told(), self._clock.wall_ms()
        body = await asyncio.to_thread(self._packed, told, now_ms)
        base = spec.endpoint.rstrip("/")
        response = await self._http.request(
            "POST",
            base if base.endswith(PATH) else base + PATH,
            deadline_s=DEADLINE_S,
            headers={
                **spec.headers,
                "content-type": "application/x-protobuf",
                "content-encoding": "gzip",
            },
            body=body,
            limit_bytes=_ANSWER_BYTES,
        )
        self._judge(response)

    def _packed(self, told: Told, now_ms: int) -> bytes:
        body, _ = encoded(told, started_ms=self._started_ms, now_ms=now_ms)
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)

    def _judge(self, response: Response) -> None:
        if 200 <= response.status < 300:
            return
        wait_s = self._retry_after_s(response.headers.get("retry-after", ""))
        if response.status in (401, 403):
            raise _NotTaken(f"it refuses us (status {response.status}): see otlp.headers", wait_s)
        if response.status == 404:
            raise _NotTaken(f"it has no {PATH}: see otlp.endpoint", wait_s)
        raise _NotTaken(f"it answered with status {response.status}", wait_s)

    def _retry_after_s(self, text: str) -> float:
        """Seconds or a date (RFC 9110, 10.2.3); 0 for anything else."""
        if text.isdigit():
            return min(float(text[:6]), LONGEST_RETRY_AFTER_S)
        try:
            until_s = parsedate_to_datetime(text).timestamp()
        except ValueError:
            return 0.0
        return min(max(0.0, until_s - self._clock.wall_ms() / 1000), LONGEST_RETRY_AFTER_S)

    def _missed(self, error: Exception) -> float:
        self._failures += 1
        if self._failures == 1:
            _log.warning("measurements do not reach the OpenTelemetry collector: %s", error)
        self.status = OtlpStatus(
            enabled=True,
            ok=False,
            reason=str(error),
            last_sent_ms=self.status.last_sent_ms,
            sent=self.status.sent,
            failed=self.status.failed + 1,
        )
        asked_s = error.retry_after_s if isinstance(error, _NotTaken) else 0.0
        pause_s = delay_s(
            self._failures,
            initial_s=self._spec.interval_s,
            max_s=max(LONGEST_PAUSE_S, self._spec.interval_s),
            jitter=0.2,
            rand=random.random,
        )
        return max(pause_s, asked_s)
