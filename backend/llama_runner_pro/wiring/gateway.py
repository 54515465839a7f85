"""The gateway put together: its parts, how it starts and stops, and what the API may ask of it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.api.server import SidecarServer
from llama_runner_pro.core.errors import LlamaRunnerError, NoUpstream
from llama_runner_pro.core.tasks import guarded
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.traffic import BreakerView, DoorView, GatewayView
from llama_runner_pro.gateway.access import Doorkeeper, is_exposed
from llama_runner_pro.gateway.admission import Admit
from llama_runner_pro.gateway.capture import CaptureRing
from llama_runner_pro.gateway.doors import DoorName, Doors
from llama_runner_pro.gateway.journey import Journeys, Limits
from llama_runner_pro.gateway.ledger import Ledger
from llama_runner_pro.gateway.relay import Relay, RelaySettings
from llama_runner_pro.gateway.server import door_config
from llama_runner_pro.gateway.surfaces.desk import GatewayInfo
from llama_runner_pro.gateway.upstream import Upstreams
from llama_runner_pro.metrics.collectors.traffic import TrafficCollector
from llama_runner_pro.wiring.models import examine
from llama_runner_pro.wiring.names import GivenNames

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

    from llama_runner_pro.api.gateway_ports import BreakerAction
    from llama_runner_pro.config.gateway import GatewaySpec
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import (
        BreakerCommand,
        Captured,
        ModelView,
        RequestRecord,
    )
    from llama_runner_pro.wiring.surroundings import Surroundings

_log = logging.getLogger(__name__)
_COMMANDS: dict[BreakerAction, BreakerCommand] = {
    "open": "force_open",
    "close": "force_close",
    "reset": "reset",
}
_WATCHED_KINDS = frozenset({"ollama", "lmstudio"})


class Gateway:
    """Satisfies `api.gateway_ports.Gatewaying`. Use from the event loop only."""

    def __init__(
        self, config: Config, around: Surroundings, clock: Clock, *, shut: bool = False
    ) -> None:
        """`shut`: the doors stay closed whatever the configuration says."""
        self.topic: Topic[BreakerView | DoorView] = Topic()
        self._config, self._around, self._clock = config, around, clock
        self._shut = shut
        spec = self._doors_spec(config)
        self.ledger, self._captures = Ledger(clock), CaptureRing(spec.capture)
        self._keeper = Doorkeeper(spec, clock)
        self._memory, self._shelf = around.memory, around.shelf
        self.admit = Admit(
            config,
            around.servers,
            around.gauge,
            clock,
            book=around.memory.book(),
            shelf=around.shelf.shelf(),
            http=around.http,
            examine=examine,
        )
        self.admit.breakers.topic.listen(self.topic.publish)
        self._journeys = Journeys(
            self.admit, Upstreams(clock), self.ledger, clock, _limits(spec), self._captures
        )
        self._settings = RelaySettings(spool_folder=around.spool_folder)
        self._relay = Relay(self._journeys, self._keeper, self.admit, self._settings)
        info = GatewayInfo(
            version=around.version,
            clock=clock,
            body_limit_bytes=lambda: self._config.gateway.body_limit_bytes,
            loading_text=lambda: self._config.gateway.loading_text,
            spool_folder=around.spool_folder,
            names=GivenNames(lambda: self._config.gateway, self.admit, around.amend),
        )
        self._parts = (self._journeys, self.admit, self._keeper, info)
        self._apps: dict[DoorName, ASGIApp] = {}
        self._doors = Doors(
            spec,
            make_server=self._server,
            occupant=around.occupant,
            endpoint_ports=self._endpoint_ports,
            changed=self._door_changed,
            clock=clock,
        )
        self._to_watch: asyncio.Queue[DoorView] = asyncio.Queue(4)
        self._set(spec)

    # --- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled. `close` first, so that running answers may end."""
        async with asyncio.TaskGroup() as tasks:
            for name, body in (
                ("gateway journeys", self._journeys.run),
                ("gateway admission", self.admit.run),
                ("gateway doors", self._doors.run),
                ("gateway neighbours", self._watch_neighbours),
                ("gateway memory", self._memory.run),
                ("gateway models", self._shelf.run),
            ):
                tasks.create_task(guarded(name, body, self._clock))

    async def close(self) -> None:
        """Let nobody in any more; running answers get a moment to end."""
        await self._doors.close()

    async def configure(self, config: Config) -> None:
        """Go by another configuration; requests under way are not disturbed."""
        self._config = config
        self._set(config.gateway)
        self.admit.configure(config)
        await self._doors.configure(self._doors_spec(config))

    def _doors_spec(self, config: Config) -> GatewaySpec:
        return replace(config.gateway, enabled=False) if self._shut else config.gateway

    def _set(self, spec: GatewaySpec) -> None:
        self._keeper.configure(spec)
        self._captures.configure(spec.capture)
        self._journeys.configure(_limits(spec))
        self._settings.body_limit_bytes = spec.body_limit_bytes
        self._settings.loading_text = spec.loading_text

    def _server(self, name: DoorName) -> SidecarServer:
        if not self._apps:
            # Not before a door opens: all the APIs that are imitated and translated.
            from llama_runner_pro.gateway.surfaces.doors import ollama_door, openai_door
            from llama_runner_pro.gateway.surfaces.ollama_talk import ChatInterpreter

            self._apps["openai"] = openai_door(*self._parts)
            self._apps["ollama"] = ollama_door(*self._parts)
            chats = ChatInterpreter(self.admit, self._clock)
            self._relay.interpreters["ollama", "/api/chat"] = chats
        config = door_config(self._apps[name], self._relay, self._clock, surface=name)
        return SidecarServer(config, _no_farewell)

    def _endpoint_ports(self) -> Mapping[int, str]:
        from llama_runner_pro.supervision.discovery.scan import known_ports

        return known_ports(self._around.servers.views())

    def collector(self) -> TrafficCollector:
        """What passes through, as numbers."""
        return TrafficCollector(self.ledger.traffic, self.admit.breakers.views)

    # --- neighbours ------------------------------------------------------------------------------

    def _door_changed(self, view: DoorView) -> None:
        self.topic.publish(view)
        wanted = getattr(self._config.gateway, view.name).watch_holder
        if wanted and view.holder_kind in _WATCHED_KINDS and not self._to_watch.full():
            self._to_watch.put_nowait(view)

    async def _watch_neighbours(self) -> None:
        """A real server that has one of our ports becomes an endpoint like all others."""
        while True:
            view = await self._to_watch.get()
            if view.port in self._endpoint_ports():
                continue
            taken = {one.name for one in self._around.servers.views()}
            kind = str(view.holder_kind)
            name = kind if kind not in taken else f"{kind}-{view.port}"
            entry = {"name": name, "kind": kind, "url": f"http://127.0.0.1:{view.port}"}
            try:
                await self._around.add_endpoint(entry)
            except LlamaRunnerError as error:
                _log.warning("%s at port %d is not watched: %s", kind, view.port, error)
            else:
                _log.info("%s at port %d is watched as %r from now on", kind, view.port, name)

    # --- what the API asks -----------------------------------------------------------------------

    def view(self) -> GatewayView:
        """How everything stands now."""
        spec = self._config.gateway
        return GatewayView(
            enabled=spec.enabled and not self._shut,
            key_required=self._keeper.key_required,
            exposed=is_exposed(spec.host),
            keys=tuple(key.name for key in spec.keys),
            doors=tuple(self._doors.views()),
            models=tuple(self.admit.models()),
            breakers=tuple(self.admit.breakers.views()),
            traffic=self.ledger.traffic(),
            refused_origins=tuple(self._keeper.origins.refused()),
            capture_enabled=self._captures.enabled,
            captured=len(self._captures.all()),
            warnings=self.warnings(),
        )

    def warnings(self) -> tuple[str, ...]:
        """What the user should know about these settings, in words; nothing while it is off."""
        spec = self._config.gateway
        return tuple(_warnings(spec)) if spec.enabled and not self._shut else ()

    def ports(self) -> list[int]:
        """Where the doors listen now."""
        return [door.actual_port for door in self._doors.views() if door.actual_port is not None]

    def running(self) -> list[RequestRecord]:
        """Requests that are under way, the oldest first."""
        return self.ledger.running()

    def ended(self, limit: int, fits: Callable[[RequestRecord], bool]) -> list[RequestRecord]:
        """The newest of the remembered ones that fit, newest first."""
        return self.ledger.ended(limit, fits)

    def captured(self) -> list[Captured]:
        """Texts of requests, newest first; nothing unless the user keeps them."""
        return self._captures.all()

    def forget_captured(self) -> None:
        """Forget all texts."""
        self._captures.clear()

    async def reopen(self, door: DoorName) -> DoorView:
        """Move a door back to its wanted port if that is free."""
        return await self._doors.reopen(door)

    def set_breaker(self, endpoint: str, model: str, action: BreakerAction) -> BreakerView:
        """Open, close or reset a breaker by hand. Raises `NoUpstream` when there is none."""
        known = {(view.endpoint, view.model) for view in self.admit.breakers.views()}
        if (endpoint, model) not in known:
            raise NoUpstream(model, f"there is no breaker for it on the endpoint {endpoint!r}")
        return self.admit.breakers.command(endpoint, model, _COMMANDS[action])

    async def load(self, model: str) -> ModelView:
        """Have a model loaded. Raises the errors of the gateway."""
        return await self.admit.load(model)

    async def unload(self, model: str) -> ModelView:
        """Stop it once its requests are done. Raises the errors of the gateway."""
        return await self.admit.unload(model)

    async def allow_origin(self, origin: str) -> None:
        """Let pages of this origin in from now on. Raises what saving a configuration raises."""
        origins = self._config.gateway.origins
        if origin not in origins:
            await self._around.amend({"origins": [*origins, origin]})


def _limits(spec: GatewaySpec) -> Limits:
    return Limits(
        connect_timeout_s=spec.connect_timeout_s,
        first_byte_timeout_s=spec.first_byte_timeout_s,
        stall_timeout_s=spec.stall_timeout_s,
    )


def _warnings(spec: GatewaySpec) -> list[str]:
    if spec.auth == "none" and is_exposed(spec.host):
        return [
            "Every computer that reaches this one may use every model, without a key. "
            'Set gateway.keys and gateway.auth = "auto" to change that.'
        ]
    if spec.auth == "none" and spec.keys:
        return ['There are keys, but gateway.auth = "none" lets everybody in without one.']
    return []


async def _no_farewell() -> None:
    """HTTP clients need none."""
