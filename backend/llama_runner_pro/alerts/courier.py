"""Brings the messages of one channel to where they belong, one after the other."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.alerts.channels import Message, NotDelivered
from llama_runner_pro.alerts.ports import ChannelTest, ChannelView
from llama_runner_pro.config.alerts import shown_address
from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.alerts.outbox import Outbox
    from llama_runner_pro.alerts.ports import ChannelHealth, Delivery
    from llama_runner_pro.config.alerts import ChannelSpec, Severity
    from llama_runner_pro.core.clock import Clock

_log = logging.getLogger(__name__)

ATTEMPT_S = 30.0
"""Longest attempt. The library's own limits are shorter, but hold for each wait alone."""
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 900.0
_JITTER = 0.2
_GRADES: tuple[Severity, ...] = ("info", "warning", "critical")


class Courier:
    """One channel: its queue, its pauses, its health. Slow ones delay nobody else.

    A message keeps its place until it has arrived or expired, so that a recovery never comes
    before its alarm. After a failure the whole channel pauses, longer each time. `settled` is
    called with a delivery after every attempt.
    """

    def __init__(
        self,
        spec: ChannelSpec,
        send: Callable[[Message], None],
        outbox: Outbox,
        clock: Clock,
        *,
        roll: Callable[[], float],
        settled: Callable[[Delivery], None],
    ) -> None:
        self.spec = spec
        self._send = send
        self._outbox = outbox
        self._clock = clock
        self._roll = roll
        self._settled = settled
        self._news = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._attempt: asyncio.Future[None] | None = None
        self._failures = 0
        self._reason: str | None = None
        self._paused_until_s: float | None = None
        self._paused_until_ms: int | None = None
        sent = (one for one in outbox.deliveries() if one.channel == spec.name)
        self._last_sent_ms = next((one.ended_ms for one in sent if one.state == "sent"), None)

    def wants(self, severity: Severity) -> bool:
        """Alarms this grave are sent here."""
        return self.spec.enabled and _GRADES.index(severity) >= _GRADES.index(
            self.spec.min_severity
        )

    def view(self) -> ChannelView:
        """How the channel is now."""
        return ChannelView(
            name=self.spec.name,
            kind=self.spec.kind,
            address=shown_address(self.spec),
            enabled=self.spec.enabled,
            min_severity=self.spec.min_severity,
            health=self._health(),
            reason=self._reason,
            failures=self._failures,
            waiting=len(self._outbox.waiting(self.spec.name)),
            last_sent_ms=self._last_sent_ms,
            paused_until_ms=self._paused_until_ms,
        )

    def _health(self) -> ChannelHealth:
        if not self.spec.enabled:
            return "off"
        if self._paused_until_ms is not None:
            return "paused"
        if self._reason is not None:
            return "failing"
        return "unused" if self._last_sent_ms is None else "ok"

    def hurry(self) -> None:
        """There is something new to bring."""
        self._news.set()

    async def run(self) -> None:
        """Bring what waits until cancelled. What is under way then may arrive all the same."""
        while True:
            self._news.clear()
            delivery = self._next()
            if delivery is None:
                await self._news.wait()
            elif self._paused_until_s is not None:
                await self._pause(self._paused_until_s)
            else:
                await self._bring(delivery)

    def _next(self) -> Delivery | None:
        """The oldest that waits; expired ones are given up on the way."""
        now_ms = self._clock.wall_ms()
        for delivery in self._outbox.waiting(self.spec.name):
            if delivery.expires_ms > now_ms:
                return delivery
            why = f"could not be delivered in time; the last attempt: {delivery.reason}"
            given_up = replace(
                delivery, state="failed", reason=why, next_attempt_ms=None, ended_ms=now_ms
            )
            self._outbox.put(given_up)
        return None

    async def _pause(self, until_s: float) -> None:
        """Wait for the end of the pause, or for a test message that got through."""
        with suppress(TimeoutError):
            async with Deadline(self._clock, until_s - self._clock.monotonic()):
                while self._paused_until_s is not None:
                    self._news.clear()
                    await self._news.wait()
        self._paused_until_s = self._paused_until_ms = None

    async def _bring(self, delivery: Delivery) -> None:
        under_way = replace(
            delivery, state="sending", attempts=delivery.attempts + 1, next_attempt_ms=None
        )
        self._outbox.put(under_way)
        await self._outbox.kept()
        try:
            await self._try(self._message(under_way))
        except NotDelivered as error:
            tried = self._put_off(under_way, str(error))
        else:
            self._worked()
            tried = replace(under_way, state="sent", reason=None, ended_ms=self._last_sent_ms)
        self._outbox.put(tried)
        self._settled(tried)
        await self._outbox.kept()

    def _put_off(self, delivery: Delivery, reason: str) -> Delivery:
        if reason != self._reason:
            _log.warning("channel %s: a message did not arrive: %s", self.spec.name, reason)
        self._failures += 1
        self._reason = reason
        pause_s = delay_s(
            self._failures,
            initial_s=FIRST_PAUSE_S,
            max_s=LONGEST_PAUSE_S,
            jitter=_JITTER,
            rand=self._roll,
        )
        self._paused_until_s = self._clock.monotonic() + pause_s
        self._paused_until_ms = self._clock.wall_ms() + round(pause_s * 1000)
        return replace(
            delivery, state="queued", reason=reason, next_attempt_ms=self._paused_until_ms
        )

    def _worked(self) -> None:
        self._failures = 0
        self._reason = None
        self._paused_until_s = self._paused_until_ms = None
        self._last_sent_ms = self._clock.wall_ms()

    async def trial(self, delivery: Delivery) -> ChannelTest:
        """Send this once, now, also during a pause; what works ends the pause."""
        began_s = self._clock.monotonic()
        under_way = replace(delivery, state="sending", attempts=1)
        self._outbox.put(under_way)
        reason = "delivered"
        try:
            await self._try(self._message(under_way))
        except NotDelivered as error:
            self._reason = reason = str(error)
            state = "failed"
        else:
            self._worked()
            self._news.set()
            state = "sent"
        self._outbox.put(
            replace(
                under_way,
                state=state,
                reason=None if state == "sent" else reason,
                ended_ms=self._clock.wall_ms(),
            )
        )
        took_ms = round((self._clock.monotonic() - began_s) * 1000, 1)
        return ChannelTest(
            channel=self.spec.name, ok=state == "sent", reason=reason, duration_ms=took_ms
        )

    def _message(self, delivery: Delivery) -> Message:
        facts: dict[str, str | int] = {
            "delivery_id": delivery.id,
            "alert_id": delivery.alert_id,
            "purpose": delivery.purpose,
            "severity": delivery.severity,
        }
        alert = self._outbox.alert(delivery.alert_id)
        if alert is not None:
            facts |= {"rule": alert.rule, "subject": alert.subject, "raised_ms": alert.raised_ms}
        return Message(
            title=delivery.title,
            body=delivery.body,
            severity=delivery.severity,
            good_news=delivery.purpose != "alarm",
            facts=facts,
        )

    async def _try(self, message: Message) -> None:
        """One attempt in a thread of its own. Raises NotDelivered."""
        async with self._one_at_a_time:
            if self._attempt is not None and not self._attempt.done():
                raise NotDelivered("an earlier attempt has not come back yet")
            attempt = in_own_thread(f"alert-{self.spec.name}", lambda: self._send(message))
            self._attempt = attempt
            try:
                async with Deadline(self._clock, ATTEMPT_S):
                    await asyncio.wait((attempt,))
            except TimeoutError:
                raise NotDelivered(f"no answer within {ATTEMPT_S:g} s") from None
            attempt.result()
