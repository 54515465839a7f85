"""What must not be forgotten: the alarms that hold, and every message until it has arrived.

One small file, replaced as a whole, so that alarms and messages always fit together. A message
is on disk before it is sent, and its arrival right after. Only a kill between the receiver's
answer and that write makes a message arrive twice; it then carries the same id.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from llama_runner_pro.alerts.ports import Alert, Delivery
from llama_runner_pro.config.files import read_or_set_aside, write_atomically
from llama_runner_pro.core.saving import Saving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.alerts.watches import Key
    from llama_runner_pro.core.clock import Clock

KEPT_ALERTS = 200
KEPT_DELIVERIES = 500
"""Finished ones go first; when all are waiting, the oldest are given up."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The file's content, oldest first."""

    alerts: tuple[Alert, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


class Outbox:
    """`run/outbox.json`. One writer, on the event loop; the file is written in a thread."""

    def __init__(
        self,
        path: Path,
        told: Callable[[Delivery], None],
        clock: Clock,
        write: Callable[[Path, bytes], None] = write_atomically,
    ) -> None:
        """`told` is called with every new version of a delivery; `write` replaces the file."""
        self._path, self._write, self._told = path, write, told
        kept = read_or_set_aside(path, Kept) or Kept()
        self._alerts = {alert.id: alert for alert in kept.alerts}
        # What was under way may have arrived or not: a second time is better than never.
        self._deliveries = {one.id: _queued_again(one) for one in kept.deliveries}
        self._changed = asyncio.Event()
        self._saving = Saving(
            clock,
            lost=f"alerts cannot be remembered in {path.name}: %s",
            kept_again="alerts are remembered again",
        )
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

    @property
    def unkept(self) -> str | None:
        """Why the next sidecar would not know of what changed last; None: it would."""
        return self._saving.refused

    async def kept(self) -> None:
        """Everything so far is on disk, or `unkept` says why not, within 3 s. Cancelling is safe.

        What could not be written is tried again every 2 s while `keep` runs.
        """
        await self._saving.save(self._snapshot)

    async def keep(self) -> None:
        """Write every change until cancelled; then once more what is new, within 3 s."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._saving.keep_saved(self._snapshot))
                while True:
                    await self._changed.wait()
                    self._changed.clear()
                    await self.kept()
        finally:
            await self._saving.save(self._snapshot, last=True)

    def _snapshot(self) -> Callable[[], None] | None:
        if self._kept_revision == self._revision:
            return None
        revision, kept = (
            self._revision,
            Kept(alerts=(*self._alerts.values(),), deliveries=(*self._deliveries.values(),)),
        )

        def write() -> None:
            self._write(self._path, msgspec.json.encode(kept))
            self._kept_revision = revision

        return write


def _queued_again(delivery: Delivery) -> Delivery:
    if delivery.state != "sending":
        return delivery
    if delivery.purpose == "test":
        reason = "the sidecar ended meanwhile"
        return replace(delivery, state="failed", reason=reason, ended_ms=delivery.created_ms)
    return replace(delivery, state="queued")
