"""Builds what measures, and what keeps and tells the measurements."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.collectors import default_collectors
from llama_runner_pro.metrics.history import RecentHistory
from llama_runner_pro.metrics.past import Past
from llama_runner_pro.metrics.prometheus.own_host import OwnHost, identity_of
from llama_runner_pro.metrics.prometheus.reader import PrometheusPast
from llama_runner_pro.metrics.prometheus.store import Store
from llama_runner_pro.metrics.ranges import HistoryMark
from llama_runner_pro.metrics.sampler import Sampler
from llama_runner_pro.metrics.tiers.store import TierStore
from llama_runner_pro.wiring.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.monitoring import PrometheusSpec
    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.topic import Topic
    from llama_runner_pro.endpoints.traffic import BreakerView
    from llama_runner_pro.metrics.collector import Collector
    from llama_runner_pro.metrics.model import Snapshot
    from llama_runner_pro.supervision.supervisor import Supervisor
    from llama_runner_pro.transport.client import HttpClient


class Monitoring(ValueObject, frozen=True):
    """Everything that measures; nothing runs yet."""

    catalogue: Catalogue
    recent: RecentHistory
    sampler: Sampler
    store: TierStore
    past: Past
    clock: Clock

    def apply(self, config: Config) -> None:
        """Take on another configuration. Blocks nobody; what is recorded stays."""
        self.store.configure(config.history)
        self.past.configure(config.history)

    async def record(self) -> None:
        """Keep the history until cancelled; then what is left goes to disk, within 3 s."""
        now_ms = self.clock.wall_ms()
        self.store.mark(HistoryMark(now_ms, "sidecar_start", None, "LlamaRunner Pro started"))
        await self.store.run()


def build_monitoring(
    config: Config,
    paths: DataPaths,
    clock: Clock,
    http: HttpClient,
    supervisor: Supervisor,
    *,
    sessions: Callable[[], int],
    dropped_frames: Callable[[], int],
    further: Sequence[Collector],
    breakers: Topic[BreakerView],
) -> Monitoring:
    """Wire up the sampler with all that follows it."""
    catalogue, recent, marks = Catalogue(), RecentHistory(), Marks()
    collectors = default_collectors(
        supervisor.targets,
        http,
        paths.root,
        clock,
        sessions=sessions,
        dropped_frames=dropped_frames,
    )
    sampler = Sampler([*collectors, *further], catalogue, recent, clock)
    store = TierStore(paths.history_file, config.history, catalogue, clock)

    def keep(snapshot: Snapshot) -> None:
        store.sampled(snapshot, sampler.interval_s)

    def far(spec: PrometheusSpec) -> PrometheusPast:
        asked = Store(http, spec)
        own = OwnHost(asked, identity_of(platform.node(), paths.root), clock)
        return PrometheusPast(asked, own, clock, lambda: [field for _, field in catalogue.fields()])

    sampler.topic.listen(keep)
    supervisor.topic.listen(lambda news: _put(store, marks.of(news)))
    breakers.listen(lambda view: _put(store, marks.of_breaker(view)))
    past = Past(config.history, store, far)
    return Monitoring(catalogue, recent, sampler, store, past, clock)


def _put(store: TierStore, mark: HistoryMark | None) -> None:
    if mark is not None:
        store.mark(mark)
