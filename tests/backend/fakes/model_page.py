"""One endpoint watched by one dialect, over a model server in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.upstream import FakeUpstream

from llama_runner_pro.endpoints.ports import MetricTarget

if TYPE_CHECKING:
    from llama_runner_pro.metrics.collectors.model_watch import ModelWatch
    from llama_runner_pro.metrics.model import Value


class ModelPage:
    """The server answers every request with `upstream`'s body or error."""

    def __init__(self, dialect: type[ModelWatch], *, model: str | None = None) -> None:
        self.upstream = FakeUpstream()
        upstream: Any = self.upstream
        self.watch = dialect(upstream)
        self.target = MetricTarget(
            name="demo",
            kind="custom",
            url="http://127.0.0.1:1/",
            pid=None,
            ready=True,
            model=model,
            headers={"Authorization": "Bearer x"},
        )

    async def ask(self, now_s: float) -> tuple[dict[str, Value], dict[str, str]]:
        """Values and reasons by part; every one of them is declared."""
        values, reasons = await self.watch.ask(self.target, now_s)
        assert values.keys() | reasons.keys() <= self.watch.parts.keys()
        return dict(values), dict(reasons)

    @property
    def paths(self) -> list[str]:
        """What was asked for so far."""
        return [asked.url.removeprefix("http://127.0.0.1:1") for asked in self.upstream.asked]
