"""A door of the gateway on a real socket, with everything behind it faked but the relay."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.lease import FakeLease
from fakes.raw_upstream import raw_upstream
from fakes.surface_table import FakeTable
from starlette.responses import JSONResponse
from uvicorn.server import ServerState

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.errors import ModelNotFound
from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.gateway.journey import Journeys
from llama_runner_pro.gateway.ports import Upstream, Visitor
from llama_runner_pro.gateway.relay import Relay, RelaySettings
from llama_runner_pro.gateway.road import Limits
from llama_runner_pro.gateway.server import door_config
from llama_runner_pro.gateway.upstream import Upstreams
from llama_runner_pro.transport.origin import Origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from fakes.raw_upstream import RawUpstream, Script
    from starlette.types import Receive, Scope, Send

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.errors import GatewayError
    from llama_runner_pro.endpoints.traffic import Ending, Operation, RequestRecord
    from llama_runner_pro.gateway.capture import CaptureRing
    from llama_runner_pro.gateway.ports import Ask


@dataclass
class FakeAdmission:
    """Hands out leases to the upstreams in their order, skipping those to avoid."""

    upstreams: list[Upstream]
    error: GatewayError | None = None
    must_wait: bool = False
    slots: int | None = None
    """So many leases at once; None: any number."""
    leases: list[FakeLease] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    left_queue: asyncio.Event = field(default_factory=asyncio.Event)

    def again(self, model: str, operation: Operation, keep_alive_s: float | None) -> None:
        """As `ports.Admission`: never, so that all that is asked is seen."""

    def admit_now(self, ask: Ask) -> FakeLease | None:
        """As `ports.Admission`."""
        self.asks.append(ask)
        held = sum(not lease.ends for lease in self.leases)
        if self.must_wait or (self.slots is not None and held >= self.slots):
            return None
        return self._lease(ask)

    async def admit(self, ask: Ask) -> FakeLease:
        """Waits for `go_on`."""
        self.asks.append(ask)
        self.waiting.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.left_queue.set()
            raise
        return self._lease(ask)

    @property
    def endings(self) -> list[Ending]:
        """How all leases ended, in their order; a lease that ended twice shows twice."""
        return [ending for lease in self.leases for ending, _ in lease.ends]

    def _lease(self, ask: Ask) -> FakeLease:
        if self.error is not None:
            raise self.error
        for upstream in self.upstreams:
            if upstream.endpoint not in ask.avoid:
                lease = FakeLease(upstream)
                self.leases.append(lease)
                return lease
        raise ModelNotFound(ask.model, [])


class FakeAccess:
    """Lets everybody in unless told otherwise."""

    def __init__(self) -> None:
        self.visitor = Visitor()
        self.error: GatewayError | None = None

    @property
    def edition(self) -> int:
        """As `ports.Access`."""
        return hash((id(self.visitor), id(self.error)))

    def enter(self, headers: Sequence[tuple[bytes, bytes]]) -> Visitor:
        """As `ports.Access`."""
        if self.error is not None:
            raise self.error
        return self.visitor

    def preflight(self, headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
        """As `ports.Access`."""
        if self.error is not None:
            raise self.error
        return ((b"access-control-allow-origin", b"http://page"),)


class Sink:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.records: list[RequestRecord] = []
        self.ended = asyncio.Event()

    def requested(self, record: RequestRecord) -> None:
        """As `ports.RequestSink`."""
        self.records.append(record)
        if record.ending is not None:
            self.ended.set()

    @property
    def last(self) -> RequestRecord:
        """The newest."""
        return self.records[-1]


@dataclass
class RelayWorld:
    """A door and what is behind it."""

    port: int
    admission: FakeAdmission
    access: FakeAccess
    table: FakeTable
    sink: Sink
    journeys: Journeys
    relay: Relay
    state: ServerState
    app_scopes: list[Scope]
    clock: Clock
    running: asyncio.Task[None]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A client's connection."""
        return await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)

    async def say(self, data: bytes) -> bytes:
        """Send these bytes on a connection of their own, and read until it is closed."""
        reader, writer = await self.connect()
        try:
            writer.write(data)
            return await reader.read()
        finally:
            writer.transport.abort()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that sockets bring about."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - nothing sets an event for it
            await asyncio.sleep(0.005)


def post(body: bytes, path: bytes = b"/v1/chat/completions", more: bytes = b"") -> bytes:
    """A request whose connection ends with its answer."""
    return b"".join(
        [
            b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n",
            b"Content-Length: %d\r\n" % len(body),
            more,
            b"Connection: close\r\n\r\n",
            body,
        ]
    )


def upstream_at(port: int, *, endpoint: str = "one", kind: str = "llamacpp") -> Upstream:
    """An upstream on this machine that knows its model as `m`."""
    return Upstream(
        endpoint=endpoint,
        kind=kind,
        origin=Origin("http", "127.0.0.1", port),
        base_path="",
        model="m",
    )


def view_of(upstream: Upstream) -> ModelView:
    """How its model is listed."""
    return ModelView(
        name=upstream.model, endpoint=upstream.endpoint, kind=upstream.kind, state="loaded"
    )


@asynccontextmanager
async def relay_world(
    *upstreams: Upstream,
    clock: Clock | None = None,
    limits: Limits | None = None,
    settings: RelaySettings | None = None,
    capture: CaptureRing | None = None,
) -> AsyncIterator[RelayWorld]:
    """Open a door in front of these upstreams."""
    clock = clock or SystemClock()
    admission, access, sink = FakeAdmission(list(upstreams)), FakeAccess(), Sink()
    table = FakeTable([view_of(upstream) for upstream in upstreams])
    journeys = Journeys(admission, Upstreams(clock), sink, clock, limits or Limits(), capture)
    relay = Relay(journeys, access, table, settings or RelaySettings())
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message.get("more_body", False)
        answer = JSONResponse({"path": scope["path"], "body": body.decode()})
        await answer(scope, receive, send)

    config = door_config(app, relay, clock, surface="openai", host="127.0.0.1", port=0)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),
        "127.0.0.1",
        0,
    )
    port = server.sockets[0].getsockname()[1]
    async with asyncio.TaskGroup() as group:
        running = group.create_task(journeys.run())
        await asyncio.sleep(0)
        try:
            yield RelayWorld(
                port, admission, access, table, sink, journeys, relay, state, scopes, clock, running
            )
        finally:
            server.close()
            for connection in list(state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
            running.cancel()


@asynccontextmanager
async def relayed(
    script: Script,
    *,
    kind: str = "llamacpp",
    clock: Clock | None = None,
    limits: Limits | None = None,
    settings: RelaySettings | None = None,
    capture: CaptureRing | None = None,
) -> AsyncIterator[tuple[RawUpstream, RelayWorld]]:
    """A door in front of one server that follows a script."""
    async with (
        raw_upstream(script) as server,
        relay_world(
            upstream_at(server.port, kind=kind),
            clock=clock,
            limits=limits,
            settings=settings,
            capture=capture,
        ) as world,
    ):
        yield server, world
