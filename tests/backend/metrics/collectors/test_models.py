from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.upstream import FakeUpstream

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.model_watch import ModelWatch
from llama_runner_pro.metrics.collectors.models import ModelCollector

if TYPE_CHECKING:
    from llama_runner_pro.metrics.collectors.model_watch import Found


class Counting(ModelWatch):
    """Tells how often it was asked."""

    parts = {"asked_total": ("total", "Asked", "counter")}  # noqa: RUF012 - as dialects do
    asked = 0

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        self.asked += 1
        return {"asked_total": self.asked}, {}


class Other(ModelWatch):
    """Tells nothing but why."""

    parts = {"context_tokens": ("count", "Context", "gauge")}  # noqa: RUF012 - as dialects do

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        return {}, {"context_tokens": f"not told by {target.url}"}


def target(name: str, kind: str = "one", *, ready: bool = True) -> MetricTarget:
    return MetricTarget(name=name, kind=kind, url=f"http://{name}", pid=None, ready=ready)


class Bench:
    """A collector of two dialects over changeable endpoints."""

    def __init__(self, *targets: MetricTarget) -> None:
        self.targets = list(targets)
        http: Any = FakeUpstream()
        self.collector = ModelCollector({"one": Counting, "two": Other}, lambda: self.targets, http)


async def test_each_endpoint_is_asked_in_the_way_of_its_kind() -> None:
    bench = Bench(target("a"), target("b", "two"), target("c", "unknown"))
    reading = await bench.collector.collect(0)
    assert reading.values == {"model/a/asked_total": 1}
    assert reading.absent == {"model/b/context_tokens": "not told by http://b"}
    names = {field.name for field in bench.collector.fields()}
    assert names == {"model/a/asked_total", "model/b/context_tokens"}


async def test_an_endpoint_that_is_not_ready_is_left_in_peace_and_starts_anew() -> None:
    bench = Bench(target("a"))
    await bench.collector.collect(0)
    await bench.collector.collect(1)
    bench.targets = [target("a", ready=False)]
    assert (await bench.collector.collect(2)).absent == {"model/a/asked_total": "not ready"}
    bench.targets = [target("a")]
    assert (await bench.collector.collect(3)).values == {"model/a/asked_total": 1}


async def test_an_endpoint_that_went_is_forgotten() -> None:
    bench = Bench(target("a"), target("b"))
    await bench.collector.collect(0)
    bench.targets = [target("b")]
    assert (await bench.collector.collect(1)).values == {"model/b/asked_total": 2}
    bench.targets = [target("a"), target("b")]
    assert (await bench.collector.collect(2)).values["model/a/asked_total"] == 1


async def test_an_endpoint_whose_kind_was_changed_is_asked_in_the_new_way() -> None:
    bench = Bench(target("a"))
    fields = bench.collector.fields()
    assert bench.collector.fields() is fields
    await bench.collector.collect(0)
    bench.targets = [target("a", "two")]
    assert (await bench.collector.collect(1)).values == {}
    assert [field.name for field in bench.collector.fields()] == ["model/a/context_tokens"]
