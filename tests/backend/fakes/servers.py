"""A supervisor as the gateway sees it: starts and stops servers when a test says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakes.clock import FakeClock, settle
from fakes.supervisor import view
from msgspec.structs import replace

from llama_runner_pro.config.gateway import GatewaySpec
from llama_runner_pro.config.model import Config
from llama_runner_pro.core.errors import LoadFailed
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.admission import Admit
from llama_runner_pro.gateway.breakers import Breakers
from llama_runner_pro.gateway.ports import Ask, Progress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.gateway.lists import Examined, Http
    from llama_runner_pro.gateway.memory import MemoryBook
    from llama_runner_pro.gateway.ports import Lease
    from llama_runner_pro.gateway.shelf import Shelf

GIB = 1024**3


class FakeServers:
    """Satisfies `ports.Servers`. Starts and stops end at once, unless a gate is closed."""

    def __init__(self, *views: EndpointView) -> None:
        self.sent: Mapping[str, str] = _NO_HEADERS
        self.by_name = {one.name: one for one in views}
        self.heard: Callable[[EndpointView], None] = lambda _: None
        self.did: list[str] = []
        self.completions: list[tuple[str, bool]] = []
        self.foreign: set[str] = set()
        self.fails: dict[str, str] = {}
        """Endpoints whose start fails, with the reason."""
        self.stuck: dict[str, str] = {}
        """Endpoints that cannot be stopped, with the reason."""
        self.gates: dict[str, asyncio.Event] = {}
        """Starts and stops of these wait."""

    def views(self) -> Sequence[EndpointView]:
        return list(self.by_name.values())

    def headers(self, name: str) -> Mapping[str, str]:
        return self.sent

    def ours(self, name: str) -> bool:
        return name not in self.foreign

    async def ensure_ready(self, name: str, deadline_s: float) -> EndpointView:
        self.did.append(f"start {name}")
        self.move(name, State.STARTING)
        await self._pass(name)
        if name in self.fails:
            self.move(name, State.FAILED, reason=self.fails[name])
            raise LoadFailed(self.fails[name])
        self.move(name, State.ONLINE, incarnation=self.by_name[name].incarnation + 1)
        return self.by_name[name]

    async def unload(self, name: str, why: str) -> None:
        self.did.append(f"stop {name}: {why}")
        self.move(name, State.STOPPING)
        await self._pass(name)
        if name in self.stuck:
            self.move(name, State.FAILED, reason=self.stuck[name])
            raise LoadFailed(self.stuck[name])
        self.move(name, State.STOPPED, reason=why)

    def completed(self, name: str, *, ok: bool) -> None:
        self.completions.append((name, ok))

    def move(self, name: str, state: State, **more: object) -> None:
        """Let an endpoint change, as the supervisor would tell."""
        known = {"url": self.by_name[name].url, "model": self.by_name[name].model}
        known |= {"startable": self.by_name[name].startable, "kind": self.by_name[name].kind}
        known |= {"incarnation": self.by_name[name].incarnation, **more}
        self.by_name[name] = view(name, state, **known)
        self.heard(self.by_name[name])

    async def _pass(self, name: str) -> None:
        if name in self.gates:
            await self.gates[name].wait()
        else:
            await asyncio.sleep(0)


_NO_HEADERS: dict[str, str] = {}


class FakeGauge:
    """Satisfies `house.MemoryGauge`: what the test says."""

    def __init__(self) -> None:
        self.free: int | None = None
        self.free_gpu: int | None = None
        self.held: dict[str, tuple[int | None, int | None]] = {}
        self.refreshed = 0
        self.ratios: dict[str, float] = {}

    async def refresh(self) -> None:
        self.refreshed += 1

    async def load_ratio(self, endpoint: str) -> float | None:
        return self.ratios.get(endpoint)

    def free_bytes(self) -> int | None:
        return self.free

    def free_gpu_bytes(self) -> int | None:
        return self.free_gpu

    def held_bytes(self, endpoint: str) -> tuple[int | None, int | None]:
        return self.held.get(endpoint, (None, None))


class GatewayWorld:
    """An admission with everything around it. `async with` runs it."""

    def __init__(
        self,
        gateway: GatewaySpec | None = None,
        *specs: EndpointSpec,
        states: Mapping[str, State] | None = None,
        book: MemoryBook | None = None,
        shelf: Shelf | None = None,
        http: Http | None = None,
        examine: Callable[[EndpointSpec], Awaitable[Examined | None]] | None = None,
        foreign: Sequence[str] = (),
    ) -> None:
        """Each spec is an endpoint, online unless `states` says otherwise."""
        self.clock, self.gauge = FakeClock(), FakeGauge()
        states = states or {}
        self.config = Config(gateway=gateway or GatewaySpec(), endpoints=specs)
        self.servers = FakeServers(
            *(
                view(
                    spec.name,
                    states.get(spec.name, State.ONLINE),
                    url=f"http://127.0.0.1:{8000 + at}",
                    model=spec.model,
                    kind=spec.kind,
                    startable=spec.start_command is not None,
                    depends_on=spec.depends_on,
                    incarnation=1,
                )
                for at, spec in enumerate(specs)
            )
        )
        self.servers.foreign = set(foreign)
        self.admit = Admit(
            self.config,
            self.servers,
            self.gauge,
            self.clock,
            book=book,
            shelf=shelf,
            http=http,
            examine=examine,
            breakers=Breakers(self.clock, lambda: 0.5),
        )
        self.servers.heard = self.admit.endpoint_seen
        self._task: asyncio.Task[None] | None = None
        self._asking: list[asyncio.Task[Lease]] = []

    async def __aenter__(self) -> GatewayWorld:
        self._task = asyncio.create_task(self.admit.run())
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (*self._asking, self._task):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    def reconfigure(self, gateway: GatewaySpec) -> None:
        """Go by other settings from now on."""
        self.config = replace(self.config, gateway=gateway)
        self.admit.configure(self.config)

    async def ask(self, model: str, **more: object) -> asyncio.Task[Lease]:
        """Let a request come in; it may wait."""
        task = asyncio.create_task(self.start(model, **more))
        self._asking.append(task)
        await settle()
        return task

    def start(self, model: str, **more: object) -> Awaitable[Lease]:
        """The awaitable of a request."""
        return self.admit.admit(ask(model, **more))

    async def served(self, model: str, **more: object) -> Lease:
        """The lease of a request that need not wait for long."""
        task = await self.ask(model, **more)
        assert task.done(), f"{model} waits"
        return task.result()


def ask(model: str, **more: object) -> Ask:
    """A request for a model."""
    known: dict[str, object] = {"surface": "openai", "operation": "chat", **more}
    return Ask(model=model, **known)  # type: ignore[arg-type]


def server(name: str, **more: object) -> EndpointSpec:
    """An endpoint that we can start, with a model of its name."""
    known: dict[str, object] = {
        "kind": "llamacpp",
        "start_command": ("llama-server",),
        "model": f"{name}-model",
        **more,
    }
    return EndpointSpec(name=name, **known)  # type: ignore[arg-type]


class Told:
    """Collects what a waiting client is told."""

    def __init__(self) -> None:
        self.all: list[Progress] = []

    def __call__(self, progress: Progress) -> None:
        self.all.append(progress)
