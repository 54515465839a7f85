"""What the API needs of the gateway, as a protocol that a small fake can satisfy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.core.topic import Topic
    from llama_runner_pro.endpoints.traffic import (
        BreakerView,
        Captured,
        DoorView,
        GatewayView,
        ModelView,
        RequestRecord,
    )

BreakerAction = Literal["open", "close", "reset"]


class Gatewaying(Protocol):
    """The gateway as the API sees it. Use from the event loop only."""

    @property
    def topic(self) -> Topic[BreakerView | DoorView]:
        """Breakers and doors that changed."""
        ...

    def view(self) -> GatewayView:
        """How everything stands now."""
        ...

    def ports(self) -> Sequence[int]:
        """Where the doors listen now."""
        ...

    def running(self) -> Sequence[RequestRecord]:
        """Requests that are under way, the oldest first."""
        ...

    def ended(
        self, limit: int, fits: Callable[[RequestRecord], bool], /
    ) -> Sequence[RequestRecord]:
        """The newest of the remembered ones that fit, newest first."""
        ...

    def captured(self) -> Sequence[Captured]:
        """Texts of requests, newest first; nothing unless the user keeps them."""
        ...

    def forget_captured(self) -> None:
        """Forget all texts."""
        ...

    async def reopen(self, door: Literal["openai", "ollama"], /) -> DoorView:
        """Move a door back to its wanted port if that is free."""
        ...

    def set_breaker(self, endpoint: str, model: str, action: BreakerAction, /) -> BreakerView:
        """Open, close or reset a breaker by hand. Raises `NoUpstream` when there is none."""
        ...

    async def load(self, model: str, /) -> ModelView:
        """Have a model loaded. Raises the errors of the gateway."""
        ...

    async def unload(self, model: str, /) -> ModelView:
        """Stop it once its requests are done. Raises the errors of the gateway."""
        ...

    async def allow_origin(self, origin: str, /) -> None:
        """Let pages of this origin in from now on. Raises what saving a configuration raises."""
        ...
