"""What must not be forgotten: the alarms that hold, and every message until it has arrived.

One small file, replaced as a whole, so that alarms and messages always fit together. A message
is on disk before it is sent, and its arrival right after. Only a kill between the receiver's
answer and that write makes a message arrive twice; it then carries the same id.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from llama_runner_pro.alerts.ports import Alert, Delivery
from llama_runner_pro.config.files import read_or_set_aside, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.alerts.watches import Key

_log = logging.getLogger(__name__)

KEPT_ALERTS = 200
KEPT_DELIVERIES = 500
"""Finished ones go first; when all are waiting, the oldest are given up."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The file's content, oldest first."""

    alerts: tuple[Alert, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


class Outbox:
    """`run/outbox.json`. One writer, on the event loop; the file is written in a thread.

    `told` is called with every new version of a delivery.
    """

    def __init__(self, path: Path, told: Callable[[Delivery], None]) -> None:
        self._path = path
        self._told = told
        kept = read_or_set_aside(path, Kept) or Kept()
        self._alerts = {alert.id: alert for alert in kept.alerts}
        # What was under way may have arrived or not: a second time is better than never.
        self._deliveries = {one.id: _queued_again(one) for one in kept.deliveries}
        self._changed = asyncio.Event()
        self._written = asyncio.Event()
        self._revision = self._kept_revision = 0

    # --- alerts ----------------------------------------------------------------------------------

    def put_alert(self, alert: Alert) -> None:
        """Add an alert or its new version. The oldest that are over are forgotten."""
        self._alerts[alert.id] = alert
        over = [one.id for one in self._alerts.values() if one.resolved_ms is not None]
        for old in over[: max(0, len(self._alerts) - KEPT_ALERTS)]:
            del self._alerts[old]
        self._touch()

    def alert(self, alert_id: str) -> Alert | None:
        """One alert, while it is remembered."""
        return self._alerts.get(alert_id)

    def alerts(self) -> list[Alert]:
        """All that are remembered, newest first."""
        return list(reversed(self._alerts.values()))

    def active(self) -> dict[Key, Alert]:
        """Those that hold now, by rule and subject."""
        holding = (one for one in self._alerts.values() if one.resolved_ms is None)
        return {(one.rule, one.subject): one for one in holding}

    # --- deliveries ------------------------------------------------------------------------------

    def put(self, delivery: Delivery) -> None:
        """Add a delivery or its new version, and tell of it."""
        self._deliveries[delivery.id] = delivery
        self._touch()
        self._told(delivery)
        if len(self._deliveries) > KEPT_DELIVERIES:
            self._make_room(delivery.created_ms)

    def deliveries(self) -> list[Delivery]:
        """All that are remembered, newest first."""
        return list(reversed(self._deliveries.values()))

    def delivery(self, delivery_id: str) -> Delivery | None:
        """One delivery, while it is remembered."""
        return self._deliveries.get(delivery_id)

    def of_alert(self, alert_id: str) -> list[Delivery]:
        """What was made of one alert, oldest first."""
        return [one for one in self._deliveries.values() if one.alert_id == alert_id]

    def waiting(self, channel: str) -> list[Delivery]:
        """Messages of one channel that are still to be brought, oldest first."""
        return [
            one
            for one in self._deliveries.values()
            if one.channel == channel and one.ended_ms is None and one.purpose != "test"
        ]

    def _make_room(self, now_ms: int) -> None:
        every = list(self._deliveries.values())
        over = [one for one in every if one.ended_ms is not None]
        if over:
            del self._deliveries[over[0].id]
            return
        oldest = every[0]
        reason = "too many messages are waiting"
        self.put(replace(oldest, state="failed", reason=reason, ended_ms=now_ms))

    # --- the file --------------------------------------------------------------------------------

    def _touch(self) -> None:
        self._revision += 1
        self._changed.set()

    async def kept(self) -> None:
        """Wait until everything so far is on disk, or could not be written. Cancelling is safe.

        `keep` must be running.
        """
        wanted = self._revision
        while self._kept_revision < wanted:
            self._written.clear()
            await self._written.wait()

    async def keep(self) -> None:
        """Write every change until cancelled; then once more what is new."""
        writing: asyncio.Future[None] | None = None
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                revision, content = self._revision, self._content()
                writing = asyncio.get_running_loop().run_in_executor(None, self._write, content)
                await asyncio.shield(writing)
                self._kept_revision = revision
                self._written.set()
        finally:
            if writing is not None and not writing.done():
                # One that has begun must not come to its end after the last one.
                await asyncio.wait((writing,))
            if self._kept_revision != self._revision:
                self._write(self._content())

    def _content(self) -> bytes:
        kept = Kept(
            alerts=tuple(self._alerts.values()), deliveries=tuple(self._deliveries.values())
        )
        return msgspec.json.encode(kept)

    def _write(self, content: bytes) -> None:
        try:
            write_atomically(self._path, content)
        except OSError as error:
            _log.warning("alerts cannot be remembered in %s: %s", self._path.name, error)


def _queued_again(delivery: Delivery) -> Delivery:
    if delivery.state != "sending":
        return delivery
    if delivery.purpose == "test":
        reason = "the sidecar ended meanwhile"
        return replace(delivery, state="failed", reason=reason, ended_ms=delivery.created_ms)
    return replace(delivery, state="queued")
