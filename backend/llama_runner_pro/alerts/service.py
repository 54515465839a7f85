"""Alerts as a whole: what was seen goes in, alarms and messages come out."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from llama_runner_pro.alerts import messages
from llama_runner_pro.alerts.channels import sender
from llama_runner_pro.alerts.dispatch import Dispatch
from llama_runner_pro.alerts.outbox import Outbox
from llama_runner_pro.alerts.ports import (
    DESKTOP,
    Acknowledged,
    Alert,
    AlertChanged,
    ChannelTest,
    ChannelView,
    Delivery,
    DeliveryChanged,
)
from llama_runner_pro.alerts.watches import Raised
from llama_runner_pro.alerts.watchlist import Watchlist
from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.topic import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from llama_runner_pro.alerts.channels import Message
    from llama_runner_pro.alerts.ports import AlertNews
    from llama_runner_pro.alerts.watches import Change, Ended
    from llama_runner_pro.config.alerts import ChannelSpec
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView, Incident


_log = logging.getLogger(__name__)


class Alerts:
    """Decides, remembers and sends. Event loop's thread only; `run` must be running to send.

    What holds and what waits is kept in the file at `path`, which is read here. `send_by` makes
    what brings one message to one channel, and blocks meanwhile.
    """

    def __init__(
        self,
        config: Config,
        path: Path,
        clock: Clock,
        *,
        send_by: Callable[[ChannelSpec], Callable[[Message], None]] = sender,
        roll: Callable[[], float] = random.random,
        disk_clock: Clock | None = None,
    ) -> None:
        """`disk_clock` counts how long the disk may take; the same clock if it is left out."""
        self.topic: Topic[AlertNews] = Topic()
        self._clock = clock
        self._config = config
        self._outbox = Outbox(path, self._delivery_changed, disk_clock or clock)
        self._watchlist = Watchlist(config.alerts, _limits(config), self._outbox.active())
        self._dispatch = Dispatch(
            config.alerts.channels, self._outbox, clock, send_by=send_by, roll=roll
        )
        self._news = asyncio.Event()

    # --- what was seen ---------------------------------------------------------------------------

    def endpoint_seen(self, view: EndpointView) -> None:
        """An endpoint is in this state now."""
        self._apply(self._watchlist.endpoint(view, self._clock.monotonic()))

    def endpoint_gone(self, name: str) -> None:
        """An endpoint left the configuration."""
        self._apply(self._watchlist.gone(name))

    def incident_seen(self, incident: Incident) -> None:
        """An incident was opened, went on or was closed."""
        self._apply(self._watchlist.fault(incident, self._clock.monotonic()))

    def sampled(self, values: Mapping[str, float | int | None]) -> None:
        """All fields were measured."""
        self._apply(self._watchlist.sample(values, self._clock.monotonic()))

    def configure(self, config: Config) -> None:
        """Go on by this configuration: other rules, limits, channels and endpoints."""
        self._config = config
        self._dispatch.configure(config.alerts.channels)
        self._apply(self._watchlist.configure(config.alerts, _limits(config)))
        self._apply(self._watchlist.only(spec.name for spec in config.endpoints))

    # --- what there is to see (see api.ports.Alerting) -------------------------------------------

    def active(self) -> list[Alert]:
        """Alarms that hold now, newest first."""
        return [alert for alert in self._outbox.alerts() if alert.resolved_ms is None]

    def recent(self, limit: int, /) -> list[Alert]:
        """Alarms that are over, newest first."""
        over = [alert for alert in self._outbox.alerts() if alert.resolved_ms is not None]
        return over[:limit]

    def deliveries(self, limit: int, /) -> list[Delivery]:
        """Messages that wait, were sent or were given up, newest first."""
        return self._outbox.deliveries()[:limit]

    def channels(self) -> list[ChannelView]:
        """Every channel, `desktop` first."""
        on = self._config.alerts.desktop
        desktop = ChannelView(
            name=DESKTOP,
            kind="desktop",
            address="wherever the dashboard is open",
            enabled=on,
            min_severity="info",
            health="ok" if on else "off",
        )
        return [desktop, *self._dispatch.channels()]

    async def acknowledge(self, alert_id: str, /) -> Acknowledged | None:
        """Note that somebody knows; None when there is no such alert.

        Survives a restart, unless `unkept` says why not; then it is tried again every 2 s.
        """
        alert = self._outbox.alert(alert_id)
        if alert is None:
            return None
        if alert.acknowledged_ms is None:
            alert = replace(alert, acknowledged_ms=self._clock.wall_ms())
            self._outbox.put_alert(alert)
            self.topic.publish(AlertChanged(alert, notify=False))
        await self._outbox.kept()
        return Acknowledged(**asdict(alert), unkept=self._outbox.unkept)

    async def try_channel(self, name: str, /) -> ChannelTest:
        """Send a test message now. The channel must be one of `channels()`."""
        text = messages.trial(name)
        now_ms = self._clock.wall_ms()
        test = Alert(
            id=f"test-{secrets.token_hex(6)}",
            rule="test",
            severity="info",
            subject=name,
            title=text.title,
            message=text.message,
            raised_ms=now_ms,
            resolved_ms=now_ms,
        )
        if name != DESKTOP:
            return await self._dispatch.trial(name, test, text)
        self.topic.publish(AlertChanged(test, notify=True))
        reason = "shown wherever the dashboard is open and may show notifications"
        return ChannelTest(channel=name, ok=True, reason=reason, duration_ms=0.0)

    # --- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send and remember until cancelled; what waits then is sent after the next start."""
        self.configure(self._config)
        self._apply(self._watchlist.resume(self._clock.monotonic()))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._outbox.keep())
            group.create_task(self._review())
            self._dispatch.start(group)

    async def _review(self) -> None:
        """Let time work on what lasts, exactly when something is due."""
        while True:
            now_s = self._clock.monotonic()
            self._apply(self._watchlist.review(now_s))
            self._news.clear()
            due_s = self._watchlist.due_s()
            if due_s is None:
                await self._news.wait()
                continue
            with suppress(TimeoutError):
                async with Deadline(self._clock, due_s - now_s):
                    await self._news.wait()

    # --- alarms ----------------------------------------------------------------------------------

    def _apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if isinstance(change, Raised):
                self._raise(change)
            else:
                self._end(change)
        self._news.set()

    def _raise(self, change: Raised) -> None:
        (rule, subject), seen = change.key, change.seen
        alert = Alert(
            id=secrets.token_hex(6),
            rule=rule,
            severity=seen.severity,
            subject=subject,
            endpoint=seen.endpoint,
            title=seen.alarm.title,
            message=seen.alarm.message,
            hint=seen.alarm.hint,
            raised_ms=self._clock.wall_ms(),
            incident_id=seen.incident_id,
        )
        _log.warning("%s: %s", alert.title, alert.message)
        self._outbox.put_alert(alert)
        self.topic.publish(AlertChanged(alert, notify=self._config.alerts.desktop))
        self._dispatch.alarm(alert, seen.alarm)

    def _end(self, change: Ended) -> None:
        alert = self._outbox.active().get(change.key)
        if alert is None:
            return
        ended = replace(
            alert,
            resolved_ms=self._clock.wall_ms(),
            resolution=change.resolution,
            resolution_text=change.text,
        )
        _log.info("over: %s: %s", ended.title, ended.resolution_text)
        self._outbox.put_alert(ended)
        notify = self._config.alerts.desktop and change.resolution == "recovered"
        self.topic.publish(AlertChanged(ended, notify=notify))
        self._dispatch.end(ended)

    def _delivery_changed(self, delivery: Delivery) -> None:
        channel = self._dispatch.channel(delivery.channel)
        if channel is not None:
            self.topic.publish(DeliveryChanged(delivery, channel))


def _limits(config: Config) -> dict[str, int]:
    """Endpoint → bytes that its processes may use."""
    return {
        spec.name: spec.limits.memory_bytes
        for spec in config.endpoints
        if spec.limits.memory_bytes is not None
    }
