"""Which store answers."""

from __future__ import annotations

import pytest
from fakes.past import FakePast

from llama_runner_pro.config.monitoring import HistorySpec, PrometheusSpec
from llama_runner_pro.core.errors import HistoryOff, StoreUnavailable
from llama_runner_pro.metrics.past import Past

WIDE = HistorySpec(backend="prometheus", prometheus=PrometheusSpec(url="http://store:9090"))


class Stores:
    """The file here, the store for all hosts, and what picks between them."""

    def __init__(self, spec: HistorySpec) -> None:
        self.own, self.wide = FakePast(), FakePast()
        self.connected: list[str] = []
        self.past = Past(spec, self.own, self._connect)

    def _connect(self, spec: PrometheusSpec) -> FakePast:
        self.connected.append(spec.url)
        return self.wide

    async def asked(self, host: str | None = None) -> str | None:
        """The note of an answer."""
        return (await self.past.query(["load_1m"], 0, 10_000, 10, host)).note


async def test_without_a_word_the_file_here_answers() -> None:
    stores = Stores(HistorySpec())
    assert await stores.asked() is None
    assert (len(stores.own.asked), stores.connected) == (1, [])


async def test_the_configured_store_answers_also_after_a_change_at_run_time() -> None:
    stores = Stores(HistorySpec())
    stores.past.configure(WIDE)
    await stores.asked("elsewhere")
    assert stores.connected == ["http://store:9090"]
    assert stores.wide.asked[0][4] == "elsewhere"
    stores.past.configure(HistorySpec())
    await stores.asked()
    assert len(stores.own.asked) == 1


async def test_what_happened_here_is_added_from_the_file_and_never_to_other_hosts() -> None:
    stores = Stores(WIDE)
    await stores.asked()
    assert stores.own.asked[0][:3] == ((), 0, 10_000)
    found = await stores.past.query(["load_1m"], 5_000, 10_000, 10, None)
    assert [event.t_ms for event in found.events] == [5_000]
    count = len(stores.own.asked)
    await stores.asked("elsewhere")
    assert len(stores.own.asked) == count


async def test_a_broken_file_here_does_not_hide_what_the_store_says() -> None:
    stores = Stores(WIDE)
    stores.own.broken = HistoryOff()
    assert await stores.asked() is None


async def test_while_the_store_is_away_the_file_answers_and_says_so() -> None:
    stores = Stores(WIDE)
    stores.wide.broken = StoreUnavailable("the store does not answer")
    assert await stores.asked() == "the store does not answer; this is from the file here"
    assert len(await stores.past.series()) == 3


async def test_about_another_host_the_file_here_has_nothing_to_say() -> None:
    stores = Stores(WIDE)
    stores.wide.broken = StoreUnavailable("the store does not answer")
    with pytest.raises(StoreUnavailable):
        await stores.asked("elsewhere")


async def test_an_error_of_the_file_is_the_answer_when_there_is_no_other() -> None:
    stores = Stores(HistorySpec())
    stores.own.broken = HistoryOff()
    with pytest.raises(HistoryOff):
        await stores.asked()
    assert (await stores.past.stats()).available
