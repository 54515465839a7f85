"""Alerts as a whole over fakes: a clock that stands still and channels in memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fakes.children import until
from fakes.clock import FakeClock, settle
from fakes.mailbox import Mailboxes
from fakes.supervisor import view

from llama_runner_pro.alerts.service import Alerts
from llama_runner_pro.config.alerts import AlertsSpec, ChannelSpec
from llama_runner_pro.config.model import Config
from llama_runner_pro.endpoints.ports import Incident
from llama_runner_pro.endpoints.spec import EndpointSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from llama_runner_pro.alerts.ports import Alert, AlertNews, Delivery
    from llama_runner_pro.endpoints.states import State

PHONE = ChannelSpec(name="phone", kind="ntfy", url="https://ntfy.example/my-secret-topic")
HOOK = ChannelSpec(name="hook", kind="webhook", url="https://hooks.example/abc")


def config(*channels: ChannelSpec, **more: Any) -> Config:
    """Two endpoints and these channels."""
    endpoints = (
        EndpointSpec(name="demo", port=8081),
        EndpointSpec(name="other", port=8082),
    )
    return Config(endpoints=endpoints, alerts=AlertsSpec(channels=channels, **more))


class AlertWorld:
    """One life of alerts after another, over the same file."""

    def __init__(self, path: Path, *channels: ChannelSpec, **more: Any) -> None:
        self.path = path
        self.clock = FakeClock()
        self.boxes = Mailboxes()
        self.config = config(*(channels or (PHONE, HOOK)), **more)
        self.news: list[AlertNews] = []
        self.alerts = self.new_life()

    def new_life(self, **more: Any) -> Alerts:
        """Alerts as a new sidecar makes them."""
        self.alerts = Alerts(
            self.config,
            self.path,
            self.clock,
            # The disk may take its time: none of it passes for it.
            **{
                "send_by": self.boxes.sender,
                "roll": lambda: 0.5,
                "disk_clock": FakeClock(),
                **more,
            },
        )
        self.alerts.topic.listen(self.news.append)
        return self.alerts

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """One life."""
        task = asyncio.create_task(self.alerts.run())
        await settle()
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def see(self, state: State, name: str = "demo", **more: Any) -> None:
        """An endpoint is in this state now."""
        self.alerts.endpoint_seen(view(name, state, **more))

    def fault(self, number: int, name: str = "demo") -> None:
        """An endpoint broke once more."""
        self.alerts.incident_seen(
            Incident(
                id=f"inc-{number}",
                endpoint=name,
                cause="exit",
                summary="killed by SIGKILL",
                opened_ms=self.clock.wall_ms(),
            )
        )

    def of(self, channel: str) -> list[Delivery]:
        """A channel's messages, oldest first."""
        every = reversed(self.alerts.deliveries(1000))
        return [one for one in every if one.channel == channel]

    def states(self, channel: str) -> list[tuple[str, str]]:
        """Purpose and state of each of a channel's messages."""
        return [(one.purpose, one.state) for one in self.of(channel)]

    def the_alert(self) -> Alert:
        """The one alert that holds."""
        (found,) = self.alerts.active()
        return found

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that a thread does, and for what follows from it."""
        await until(condition)
        await settle()
