"""Alerts as a whole: what was seen goes in, alarms and deliveries come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.alerts.ports import ChannelTest
from llama_runner_pro.core.topic import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.alerts.ports import Alert, AlertNews, ChannelView, Delivery


class Alerts:
    def __init__(self) -> None:
        self.topic: Topic[AlertNews] = Topic()

    def active(self) -> Sequence[Alert]:
        return []

    def recent(self, limit: int, /) -> Sequence[Alert]:
        return []

    def deliveries(self, limit: int, /) -> Sequence[Delivery]:
        return []

    def channels(self) -> Sequence[ChannelView]:
        return []

    def acknowledge(self, alert_id: str, /) -> Alert | None:
        return None

    async def try_channel(self, name: str, /) -> ChannelTest:
        return ChannelTest(channel=name, ok=False, reason="", duration_ms=0.0)
