"""The API over fakes: called through ASGI without a network, or through a real server."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import uvicorn
from fakes.alerts import FakeAlerts
from fakes.clock import FakeClock
from fakes.configured import TOKEN, Configured
from fakes.discovery import FakeDiscovery
from fakes.gateway import FakeGateway
from fakes.past import FakePast
from fakes.sampler import FakeSampler
from fakes.supervisor import FakeSupervisor, view

from llama_runner_pro.api.app import ApiDeps, create_app, streams_of
from llama_runner_pro.api.auth import Gate
from llama_runner_pro.api.log_reader import LogReader
from llama_runner_pro.api.server import server_config
from llama_runner_pro.api.told import Teller
from llama_runner_pro.core.leaving import Leaving
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.fleets import OwnFleet
from llama_runner_pro.metrics.history import RecentHistory
from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.otlp.push import OtlpStatus
from llama_runner_pro.supervision.diagnostics.store import BundleStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from starlette.applications import Starlette

FIELDS = (
    Field("cpu_usage_pct", "pct", "CPU", "cpu"),
    Field("load_1m", "ratio", "Load", "cpu"),
    Field("memory_used_bytes", "bytes", "Memory", "memory"),
    Field("gpu0_utilization_pct", "pct", "GPU", "gpu"),
)


@dataclass
class World:
    """Everything behind the API."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    supervisor: FakeSupervisor = field(
        default_factory=lambda: FakeSupervisor(
            view("demo", pid=4242, response_ms=3.5), view("org/model", State.FAILED)
        )
    )
    static_dir: Path | None = None
    alerts: FakeAlerts = field(default_factory=FakeAlerts)
    discovery: FakeDiscovery = field(default_factory=FakeDiscovery)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    past: FakePast = field(default_factory=FakePast)

    exposed: bool = False
    """Other machines can reach it."""

    def __post_init__(self) -> None:
        self.configured = Configured(self.folder)
        self.backup_id = ""
        self.leaving = Leaving(self.clock)
        self.gate = Gate(TOKEN, self.clock, everything=self.exposed)
        self.history = RecentHistory()
        self.sampler = FakeSampler(self.clock, self.history)
        self.catalogue = Catalogue()
        self.catalogue.declare(FIELDS)

    def deps(self) -> ApiDeps:
        """As the composition root would make it."""
        told = Teller(
            sampler=self.sampler,
            catalogue=self.catalogue,
            supervisor=self.supervisor,
            alerts=self.alerts,
            version="1.2.3",
            hostname="box",
        )
        return ApiDeps(
            supervisor=self.supervisor,
            sampler=self.sampler,
            alerts=self.alerts,
            bundles=BundleStore(self.folder / "bundles"),
            gateway=self.gateway,
            catalogue=self.catalogue,
            history=self.history,
            past=self.past,
            discovery=self.discovery,
            config=self.configured.store,
            gate=self.gate,
            clock=self.clock,
            leaving=self.leaving,
            version="1.2.3",
            instance="instance-1",
            logs=LogReader(
                monitor=self.folder / "ai_monitor.log",
                recovery=self.folder / "ai_recovery.log",
                endpoint_log=lambda name: self.folder / f"{name.replace('/', '_')}.log",
                endpoint_names=lambda: list(self.supervisor.by_name),
            ),
            static_dir=self.static_dir,
            told=told,
            fleet=OwnFleet(told, self.clock),
            otlp=lambda: OtlpStatus(enabled=False),
        )

    def app(self) -> Starlette:
        """A fresh application over this world."""
        return create_app(self.deps())


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


async def call(
    app: Any,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request straight into the ASGI application."""
    raw_path, _, query = path.partition("?")
    sent = {"host": "127.0.0.1:8585", **(headers or {})}
    if body:
        sent.setdefault("content-type", "application/json")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "headers": [(key.encode(), value.encode()) for key, value in sent.items() if value],
        "server": ("127.0.0.1", 8585),
        "client": ("127.0.0.1", 50000),
    }
    inbox = [{"type": "http.request", "body": body, "more_body": False}]
    outbox: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not inbox:
            await asyncio.Event().wait()  # a client that stays and says nothing more
        return inbox.pop(0)

    async def send(message: Any) -> None:
        outbox.append(message)

    await app(scope, receive, send)
    start = outbox[0]
    return Answer(
        start["status"],
        {key.decode(): value.decode() for key, value in start["headers"]},
        b"".join(message.get("body", b"") for message in outbox[1:]),
    )


@asynccontextmanager
async def serving(app: Starlette, **more: Any) -> AsyncIterator[int]:
    """A real server on a free loopback port; yields the port."""
    server = uvicorn.Server(server_config(app, host="127.0.0.1", port=0, **more))
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        async with asyncio.timeout(60):
            while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
                await asyncio.sleep(0.005)
        try:
            yield server.servers[0].sockets[0].getsockname()[1]
        finally:
            await streams_of(app).close()
            server.should_exit = True
