"""Who is told of what: from alarms to messages, and the couriers that bring them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.alerts import messages
from llama_runner_pro.alerts.courier import Courier
from llama_runner_pro.alerts.ports import Delivery
from llama_runner_pro.core.tasks import guarded

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from llama_runner_pro.alerts.channels import Message
    from llama_runner_pro.alerts.messages import Text
    from llama_runner_pro.alerts.outbox import Outbox
    from llama_runner_pro.alerts.ports import Alert, ChannelTest, ChannelView, Purpose
    from llama_runner_pro.config.alerts import ChannelSpec
    from llama_runner_pro.core.clock import Clock

EXPIRES_AFTER_S = 86_400.0
"""Nobody wants yesterday's alarm."""


class Dispatch:
    """One courier per channel. An end is told to those alone whom the alarm has reached."""

    def __init__(
        self,
        specs: Sequence[ChannelSpec],
        outbox: Outbox,
        clock: Clock,
        *,
        send_by: Callable[[ChannelSpec], Callable[[Message], None]],
        roll: Callable[[], float],
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._send_by = send_by
        self._roll = roll
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._couriers = {spec.name: self._courier(spec) for spec in specs}

    def channels(self) -> list[ChannelView]:
        """How each channel is, in the configuration's order."""
        return [courier.view() for courier in self._couriers.values()]

    def channel(self, name: str) -> ChannelView | None:
        """How one channel is; None when it is no longer configured."""
        courier = self._couriers.get(name)
        return None if courier is None else courier.view()

    async def trial(self, channel: str, alert: Alert, text: Text) -> ChannelTest:
        """Send a test message at once. The channel must exist."""
        delivery = self._delivery(channel, alert, "test", text)
        return await self._couriers[channel].trial(delivery)

    # --- life ------------------------------------------------------------------------------------

    def start(self, group: asyncio.TaskGroup) -> None:
        """Let the couriers run in `group`; they end when it is cancelled."""
        self._group = group
        self._tasks = {}
        self._staff()

    def configure(self, specs: Sequence[ChannelSpec]) -> None:
        """Go on with these channels. Messages to others are cancelled."""
        before = self._couriers
        self._couriers = {}
        for spec in specs:
            known = before.get(spec.name)
            same = known is not None and known.spec == spec
            self._couriers[spec.name] = known if known and same else self._courier(spec)
        for name, courier in before.items():
            if self._couriers.get(name) is not courier and name in self._tasks:
                self._tasks.pop(name).cancel()
        self._staff()

    def _staff(self) -> None:
        """A running courier for each channel that is on, no message for any other."""
        for delivery in self._outbox.deliveries():
            if delivery.ended_ms is None and not self._reachable(delivery.channel):
                self._cancel(delivery, "the channel was removed or switched off")
        if self._group is None:
            return
        for name, courier in self._couriers.items():
            if courier.spec.enabled and name not in self._tasks:
                body = guarded(f"alert channel {name}", courier.run, self._clock)
                self._tasks[name] = self._group.create_task(body)

    def _courier(self, spec: ChannelSpec) -> Courier:
        return Courier(
            spec,
            self._send_by(spec),
            self._outbox,
            self._clock,
            roll=self._roll,
            settled=self._settled,
        )

    # --- messages --------------------------------------------------------------------------------

    def alarm(self, alert: Alert, text: Text) -> None:
        """Tell every channel that wants alarms this grave."""
        for name, courier in self._couriers.items():
            if courier.wants(alert.severity):
                self._queue(self._delivery(name, alert, "alarm", text))

    def end(self, alert: Alert) -> None:
        """The alarm is over."""
        for delivery in self._outbox.of_alert(alert.id):
            self._close(alert, delivery)

    def _settled(self, delivery: Delivery) -> None:
        """An attempt is over; so may be its alarm since the attempt began."""
        alert = self._outbox.alert(delivery.alert_id)
        if alert is not None and alert.resolved_ms is not None:
            self._close(alert, delivery)

    def _close(self, alert: Alert, delivery: Delivery) -> None:
        if delivery.purpose != "alarm":
            return
        if delivery.state == "queued":
            self._cancel(delivery, "it was over before it could be sent")
        elif delivery.state == "sent" and alert.resolution == "recovered":
            text = messages.recovery(alert)
            if self._reachable(delivery.channel):
                self._queue(self._delivery(delivery.channel, alert, "recovery", text))

    def _queue(self, delivery: Delivery) -> None:
        self._outbox.put(delivery)
        self._couriers[delivery.channel].hurry()

    def _cancel(self, delivery: Delivery, why: str) -> None:
        now_ms = self._clock.wall_ms()
        self._outbox.put(
            replace(delivery, state="cancelled", reason=why, next_attempt_ms=None, ended_ms=now_ms)
        )

    def _reachable(self, channel: str) -> bool:
        return channel in self._couriers and self._couriers[channel].spec.enabled

    def _delivery(self, channel: str, alert: Alert, purpose: Purpose, text: Text) -> Delivery:
        now_ms = self._clock.wall_ms()
        return Delivery(
            id=secrets.token_hex(6),
            alert_id=alert.id,
            channel=channel,
            purpose=purpose,
            title=text.title,
            body=text.body,
            severity=alert.severity,
            state="queued",
            created_ms=now_ms,
            expires_ms=now_ms + round(EXPIRES_AFTER_S * 1000),
        )
