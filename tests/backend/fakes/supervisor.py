"""A supervisor in memory: holds views and incidents, remembers what it was told to do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from msgspec.structs import replace

from llama_runner_pro.core.errors import LlamaRunnerError, UnknownEndpoint
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.ports import EndpointView, Incident, MetricTarget
from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.supervision.events import EndpointChanged, SupervisionEvent

T0_MS = 1_700_000_000_000


def view(name: str, state: State = State.ONLINE, **more: object) -> EndpointView:
    """An endpoint as a viewer sees it."""
    known: dict[str, object] = {
        "kind": "llamacpp",
        "url": "http://127.0.0.1:8080",
        "port": 8080,
        "model": None,
        "enabled": state is not State.DISABLED,
        "startable": True,
        "since_ms": T0_MS,
        **more,
    }
    return EndpointView(name=name, state=state, **known)  # type: ignore[arg-type]


@dataclass
class Outcome:
    """What one heal did."""

    name: str
    before: str
    after: str
    healed: bool
    duration_ms: float = 12.5
    detail: str = "answers again"
    incident_id: str | None = None


@dataclass
class FakeOperation:
    """A heal that ends when a test says so."""

    id: str
    outcomes: list[Outcome]
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def finished(self) -> bool:
        """The test has ended it."""
        return self.over.is_set()

    @property
    def results(self) -> list[Outcome]:
        """None before the end."""
        return self.outcomes if self.finished else []

    async def wait(self) -> object:
        """Until `over` is set."""
        await self.over.wait()
        return self.outcomes


class FakeSupervisor:
    """Satisfies `api.ports.Supervising`."""

    def __init__(self, *views: EndpointView) -> None:
        self.topic: Topic[SupervisionEvent] = Topic()
        self.by_name = {one.name: one for one in views}
        self.monitoring_active = True
        self.debug_mode = False
        self.unkept: str | None = None
        self.last_check_ms: int | None = T0_MS
        self.known_incidents: list[Incident] = []
        self.operations: dict[str, FakeOperation] = {}
        self.heals_end_at_once = True
        self.heal_fails = False
        self.refuse_with: LlamaRunnerError | None = None
        self.calls: list[tuple[object, ...]] = []

    def views(self) -> list[EndpointView]:
        return list(self.by_name.values())

    def view(self, name: str) -> EndpointView:
        if name not in self.by_name:
            raise UnknownEndpoint(name, list(self.by_name))
        return self.by_name[name]

    def targets(self) -> list[MetricTarget]:
        return [
            MetricTarget(
                name=one.name,
                kind=one.kind,
                url=one.url,
                pid=one.pid,
                ready=one.state in SERVING,
                view=one,
            )
            for one in self.views()
        ]

    def incidents(self, limit: int = 50, endpoint: str | None = None) -> list[Incident]:
        found = [one for one in self.known_incidents if endpoint in (None, one.endpoint)]
        return found[:limit]

    def incident(self, incident_id: str, /) -> Incident | None:
        return next((one for one in self.known_incidents if one.id == incident_id), None)

    async def start_monitoring(self) -> bool:
        changed, self.monitoring_active = not self.monitoring_active, True
        return changed

    async def stop_monitoring(self) -> bool:
        changed, self.monitoring_active = self.monitoring_active, False
        return changed

    async def set_debug(self, enabled: bool) -> None:
        self.debug_mode = enabled

    async def enable(self, name: str) -> EndpointView:
        return self._command("enable", name, State.STARTING, enabled=True)

    async def disable(self, name: str) -> EndpointView:
        return self._command("disable", name, State.DISABLED, enabled=False)

    async def start(self, name: str) -> EndpointView:
        return self._command("start", name, State.STARTING)

    async def stop(self, name: str) -> EndpointView:
        return self._command("stop", name, State.STOPPED)

    async def restart(self, name: str) -> EndpointView:
        return self._command("restart", name, State.STARTING)

    async def accept_proposal(self, name: str) -> EndpointView:
        return self._command("accept_proposal", name, State.STARTING)

    def heal(self, name: str | None, *, emergency: bool) -> FakeOperation:
        self.calls.append(("heal", name, emergency))
        chosen = self.views() if name is None else [self.view(name)]
        if self.refuse_with is not None:
            raise self.refuse_with
        outcomes = [
            Outcome(
                one.name,
                one.state.value,
                "failed" if self.heal_fails else "online",
                healed=not self.heal_fails,
                detail="the port is taken" if self.heal_fails else "answers again",
            )
            for one in chosen
            if one.state not in (*SERVING, State.DISABLED, State.STOPPED)
        ]
        operation = FakeOperation(f"op-{len(self.operations) + 1}", outcomes)
        if self.heals_end_at_once:
            operation.over.set()
        self.operations[operation.id] = operation
        return operation

    def operation(self, operation_id: str, /) -> FakeOperation | None:
        return self.operations.get(operation_id)

    def config_document(self) -> dict[str, object]:
        return {"check_interval": 5, "endpoints": [one.name for one in self.views()]}

    def move(self, name: str, state: State) -> None:
        """Let an endpoint change its state, as seen from outside."""
        self.by_name[name] = replace(self.view(name), state=state)
        self.topic.publish(EndpointChanged(self.by_name[name]))

    def _command(self, verb: str, name: str, state: State, **more: bool) -> EndpointView:
        found = self.view(name)
        if self.refuse_with is not None:
            raise self.refuse_with
        self.calls.append((verb, name))
        self.by_name[name] = replace(found, state=state, **more)
        return self.by_name[name]
