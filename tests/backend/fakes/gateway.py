"""A gateway that remembers what it was told to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from llama_runner_pro.core.errors import ModelNotFound, NoUpstream
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.traffic import (
    BreakerView,
    Captured,
    DoorView,
    GatewayView,
    ModelView,
    RequestRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.api.gateway_ports import BreakerAction


def request(number: int = 1, **more: object) -> RequestRecord:
    """A chat that went well, unless `more` says otherwise."""
    return RequestRecord(
        **{  # type: ignore[arg-type]
            "id": f"r{number}",
            "t_ms": 1_700_000_000_000 + number,
            "surface": "openai",
            "operation": "chat",
            "path": "/v1/chat/completions",
            "model": "demo",
            "endpoint": "demo",
            "ending": "ok",
            "status": 200,
            **more,
        }
    )


@dataclass
class FakeGateway:
    """Satisfies `api.gateway_ports.Gatewaying`."""

    topic: Topic[BreakerView | DoorView] = field(default_factory=Topic)
    requests: list[RequestRecord] = field(default_factory=list)
    texts: list[Captured] = field(default_factory=list)
    doors: dict[str, DoorView] = field(
        default_factory=lambda: {
            "openai": DoorView(
                name="openai", state="open", host="127.0.0.1", port=1234, actual_port=1234
            ),
            "ollama": DoorView(
                name="ollama",
                state="moved",
                host="127.0.0.1",
                port=11434,
                actual_port=11435,
                holder="ollama (pid 4242)",
                holder_kind="ollama",
                reason="port 11434: ollama (pid 4242) listens there",
            ),
        }
    )
    models: dict[str, ModelView] = field(
        default_factory=lambda: {
            "demo": ModelView(name="demo", endpoint="demo", kind="embedded", state="loaded")
        }
    )
    breakers: list[BreakerView] = field(
        default_factory=lambda: [BreakerView(endpoint="demo", model="demo", state="closed")]
    )
    allowed: list[str] = field(default_factory=list)

    def view(self) -> GatewayView:
        """How everything stands."""
        return GatewayView(
            enabled=True,
            key_required=False,
            exposed=False,
            doors=tuple(self.doors.values()),
            models=tuple(self.models.values()),
            breakers=tuple(self.breakers),
            captured=len(self.texts),
        )

    def ports(self) -> list[int]:
        """Of the doors."""
        return [one.actual_port for one in self.doors.values() if one.actual_port is not None]

    def running(self) -> list[RequestRecord]:
        """Those without ending."""
        return [one for one in self.requests if one.ending is None]

    def ended(self, limit: int, fits: Callable[[RequestRecord], bool]) -> list[RequestRecord]:
        """Those with one, newest first."""
        over = [one for one in reversed(self.requests) if one.ending is not None and fits(one)]
        return over[:limit]

    def captured(self) -> list[Captured]:
        """The texts."""
        return self.texts

    def forget_captured(self) -> None:
        """None any more."""
        self.texts = []

    async def reopen(self, door: Literal["openai", "ollama"]) -> DoorView:
        """It moves back."""
        view = self.doors[door]
        self.doors[door] = replace(view, state="open", actual_port=view.port, holder=None)
        return self.doors[door]

    def set_breaker(self, endpoint: str, model: str, action: BreakerAction) -> BreakerView:
        """As asked, for the one that exists."""
        for index, one in enumerate(self.breakers):
            if (one.endpoint, one.model) == (endpoint, model):
                state: Literal["open", "closed"] = "open" if action == "open" else "closed"
                self.breakers[index] = replace(one, state=state, forced=action != "reset")
                return self.breakers[index]
        raise NoUpstream(model, f"there is no breaker for it on {endpoint!r}")

    async def load(self, model: str) -> ModelView:
        """It is loaded."""
        return self._set(model, "loaded")

    async def unload(self, model: str) -> ModelView:
        """It is not."""
        return self._set(model, "not_loaded")

    async def allow_origin(self, origin: str) -> None:
        """Noted."""
        self.allowed.append(origin)

    def _set(self, model: str, state: Literal["loaded", "not_loaded"]) -> ModelView:
        if model not in self.models:
            raise ModelNotFound(model, list(self.models))
        self.models[model] = replace(self.models[model], state=state)
        return self.models[model]
