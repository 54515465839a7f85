"""Alerts in memory: holds what a test puts in, remembers what it was asked."""

from __future__ import annotations

from msgspec.structs import asdict, replace

from llama_runner_pro.alerts.ports import (
    DESKTOP,
    Acknowledged,
    Alert,
    AlertNews,
    ChannelTest,
    ChannelView,
    Delivery,
)
from llama_runner_pro.core.topic import Topic

T0_MS = 1_700_000_000_000


def alert(alert_id: str = "alert-1", **more: object) -> Alert:
    """An alarm about an endpoint."""
    known: dict[str, object] = {
        "rule": "endpoint_failed",
        "severity": "critical",
        "subject": "demo",
        "endpoint": "demo",
        "title": "demo has failed",
        "message": "demo gave up after 5 starts: exited with code 1",
        "raised_ms": T0_MS,
        **more,
    }
    return Alert(id=alert_id, **known)  # type: ignore[arg-type]


def delivery(delivery_id: str = "delivery-1", **more: object) -> Delivery:
    """A message that waits."""
    known: dict[str, object] = {
        "alert_id": "alert-1",
        "channel": "phone",
        "purpose": "alarm",
        "title": "demo has failed",
        "body": "demo gave up after 5 starts: exited with code 1",
        "severity": "critical",
        "state": "queued",
        "created_ms": T0_MS,
        "expires_ms": T0_MS + 86_400_000,
        **more,
    }
    return Delivery(id=delivery_id, **known)  # type: ignore[arg-type]


def channel(name: str = "phone", **more: object) -> ChannelView:
    """A channel that works."""
    known: dict[str, object] = {
        "kind": "ntfy",
        "address": "https://ntfy.example/•••",
        "enabled": True,
        "min_severity": "warning",
        "health": "ok",
        **more,
    }
    return ChannelView(name=name, **known)  # type: ignore[arg-type]


class FakeAlerts:
    """Satisfies `api.ports.Alerting`."""

    def __init__(self) -> None:
        self.topic: Topic[AlertNews] = Topic()
        self.known: list[Alert] = []
        self.sent: list[Delivery] = []
        self.reachable = [
            channel(DESKTOP, kind="desktop", address="the open dashboard"),
            channel(),
        ]
        self.tested: list[str] = []
        self.unkept: str | None = None

    def active(self) -> list[Alert]:
        return [one for one in self.known if one.resolved_ms is None]

    def recent(self, limit: int, /) -> list[Alert]:
        return [one for one in self.known if one.resolved_ms is not None][:limit]

    def deliveries(self, limit: int, /) -> list[Delivery]:
        return self.sent[:limit]

    def channels(self) -> list[ChannelView]:
        return self.reachable

    async def acknowledge(self, alert_id: str, /) -> Acknowledged | None:
        for at, one in enumerate(self.known):
            if one.id == alert_id:
                self.known[at] = replace(one, acknowledged_ms=T0_MS + 1)
                return Acknowledged(**asdict(self.known[at]), unkept=self.unkept)
        return None

    async def try_channel(self, name: str, /) -> ChannelTest:
        self.tested.append(name)
        return ChannelTest(channel=name, ok=True, reason="delivered", duration_ms=12.5)
