"""Where samples and events meet the viewers.

Listens to the sampler and the supervisor, keeps the picture, and marks what is due in every
session. Never waits for any of them. Event loop's thread only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.codec import all_codecs
from llama_runner_pro.api.frames import WIRE_VERSION, Hello, Snapshot
from llama_runner_pro.api.ws.conversation import Conversations
from llama_runner_pro.api.ws.events import (
    EventLog,
    alert_body,
    config_body,
    event_body,
    gateway_body,
)
from llama_runner_pro.api.ws.picture import Picture
from llama_runner_pro.api.ws.session import Session
from llama_runner_pro.api.ws.viewer import PlainViewer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.alerts.ports import AlertNews
    from llama_runner_pro.api.codec import Codec, Wire
    from llama_runner_pro.api.deps import ApiDeps
    from llama_runner_pro.api.frames import EventBody
    from llama_runner_pro.api.ws.socket import Socket
    from llama_runner_pro.api.ws.tick import Groups
    from llama_runner_pro.api.ws.viewer import Viewer
    from llama_runner_pro.config.store import ConfigNews
    from llama_runner_pro.metrics.model import Snapshot as Sample
    from llama_runner_pro.supervision.events import SupervisionEvent

INTERVAL_S = 1.0
"""Pace of a session that does not ask for another."""
PLAIN_INTERVAL_S = 2.0
RECENT_INCIDENTS = 50
CAPABILITIES = ["subscribe", "visible", "ack", "resume"]


class Hub:
    """All viewers of the metrics stream."""

    def __init__(self, deps: ApiDeps, codecs: Mapping[str, Codec] | None = None) -> None:
        self._deps = deps
        self.codecs = all_codecs() if codecs is None else codecs
        self.picture = Picture(deps.catalogue, deps.history, deps.supervisor)
        self.events = EventLog()
        self._viewers: Conversations[Viewer] = Conversations()
        self._demand_s: float | None = None
        self._dropped_before = 0
        self._snapshots: dict[tuple[str, Groups | None], Wire] = {}
        if deps.sampler.latest is not None:
            self.picture.advance(deps.sampler.latest, deps.clock.monotonic())
        deps.sampler.topic.listen(self._sampled)
        deps.supervisor.topic.listen(self._happened)
        deps.config.topic.listen(self._configured)
        deps.alerts.topic.listen(self._alerted)
        deps.gateway.topic.listen(lambda news: self._tell(gateway_body(news)))

    @property
    def sessions(self) -> int:
        """How many viewers are connected."""
        return len(self._viewers)

    @property
    def dropped_frames(self) -> int:
        """Ticks that viewers did not get because they were too slow, since the start."""
        return self._dropped_before + sum(viewer.slot.dropped for viewer in self._viewers)

    async def serve(self, socket: Socket, subprotocol: str | None) -> None:
        """Serve one accepted connection to its end; without subprotocol it gets plain JSON."""
        clock = self._deps.clock
        viewer: Viewer
        if subprotocol is None:
            viewer = PlainViewer(socket, clock, PLAIN_INTERVAL_S)
            if self.picture.tick is not None:
                viewer.offer(self.picture.tick)
        else:
            viewer = Session(self, self.codecs[subprotocol], socket, clock, INTERVAL_S)
        try:
            await self._viewers.hold(viewer, self.demand_changed)
        finally:
            self._dropped_before += viewer.slot.dropped

    async def close(self) -> None:
        """Say goodbye to everybody, and to whoever comes later; returns when all are gone."""
        await self._viewers.close()

    # --- what sessions ask (see session.Feed) ----------------------------------------------------

    def hello(self) -> Hello:
        """The first frame of a session."""
        return Hello(
            wire_version=WIRE_VERSION,
            server_version=self._deps.version,
            instance=self._deps.instance,
            interval_ms=round(INTERVAL_S * 1000),
            fields=self.picture.wire_fields(),
            absent=self.picture.absent,
            capabilities=CAPABILITIES,
        )

    def snapshot(self, codec: Codec, groups: Groups | None, since_ms: int) -> Wire:
        """The whole picture as of now; many sessions that come at once share the bytes."""
        key = (codec.subprotocol, groups)
        if since_ms == 0 and key in self._snapshots:
            return self._snapshots[key]
        supervisor, tick = self._deps.supervisor, self.picture.tick
        encoded = codec.encode(
            Snapshot(
                seq=tick.seq if tick else 0,
                event_seq=self.events.newest_seq,
                t_ms=tick.t_ms if tick else self._deps.clock.wall_ms(),
                values=tick.values(groups) if tick else {},
                history=self.picture.history(since_ms, groups),
                endpoints=list(supervisor.views()),
                incidents=list(supervisor.incidents(limit=RECENT_INCIDENTS)),
                monitoring_active=supervisor.monitoring_active,
                debug_mode=supervisor.debug_mode,
            )
        )
        if since_ms == 0:
            self._snapshots[key] = encoded
        return encoded

    def demand_changed(self) -> None:
        """Tell the sampler the fastest pace that somebody looks at, when it is another one."""
        paces = [viewer.interval_s for viewer in self._viewers if viewer.visible]
        wanted_s = min(paces, default=None)
        if wanted_s != self._demand_s:
            self._demand_s = wanted_s
            self._deps.sampler.set_demand(wanted_s)

    # --- what comes in ---------------------------------------------------------------------------

    def _sampled(self, sample: Sample) -> None:
        self._snapshots.clear()
        tick = self.picture.advance(sample, self._deps.clock.monotonic())
        for viewer in self._viewers:
            viewer.offer(tick)
            viewer.leave_if_stuck()

    def _happened(self, news: SupervisionEvent) -> None:
        self._tell(event_body(news))

    def _configured(self, news: ConfigNews) -> None:
        self._tell(config_body(news))

    def _alerted(self, news: AlertNews) -> None:
        self._tell(alert_body(news))

    def _tell(self, body: EventBody) -> None:
        self._snapshots.clear()
        self.events.append(body, self._deps.clock.wall_ms())
        for viewer in self._viewers:
            viewer.notify()
