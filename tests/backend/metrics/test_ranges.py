"""What answers look like on the wire."""

from __future__ import annotations

import msgspec
from fakes.past import FakePast

from llama_runner_pro.metrics.past import Past
from llama_runner_pro.metrics.ranges import HistoryRange, HistoryStats, PastSeries
from llama_runner_pro.metrics.tiers.store import TierStore


async def test_an_answer_survives_the_wire() -> None:
    found = await FakePast().query(["load_1m"], 0, 60_000, 10, "here")
    assert msgspec.json.decode(msgspec.json.encode(found), type=HistoryRange) == found


def test_a_store_that_tells_nothing_is_as_empty_as_can_be() -> None:
    stats = HistoryStats(backend="prometheus", available=False, reason="it does not answer")
    assert (stats.tiers, stats.file_bytes, stats.set_aside) == ([], 0, None)


def test_all_stores_answer_the_same_questions() -> None:
    wanted = {name for name in vars(PastSeries) if not name.startswith("_")}
    for store in (TierStore, Past, FakePast):
        assert wanted <= set(dir(store))
