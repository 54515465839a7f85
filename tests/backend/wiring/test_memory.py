"""What is free and what is held, as it was measured; and what was learned outlives a restart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest
from fakes.clock import FakeClock
from fakes.servers import server

from llama_runner_pro.gateway.facts import Facts, Offer
from llama_runner_pro.gateway.memory import Learned, started_as
from llama_runner_pro.metrics.model import Snapshot
from llama_runner_pro.wiring.memory import REFRESH_S, MemoryFile, SampledMemory, ShelfFile

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.gateway.shelf import Shelved

A = server("a")


def gauge(**values: float | None) -> SampledMemory:
    named = {name.replace("__", "/"): value for name, value in values.items()}
    return SampledMemory(lambda: Snapshot(1, 0, named, {}), lambda: 7)


class TestGauge:
    def test_free_memory_is_asked_of_the_kernel(self) -> None:
        assert gauge().free_bytes() == 7
        assert (SampledMemory(lambda: None).free_bytes() or 1) > 0

    def test_the_cards_count_together(self) -> None:
        free = gauge(
            gpu0_memory_total_bytes=10,
            gpu0_memory_used_bytes=4,
            gpu1_memory_total_bytes=5,
            gpu1_memory_used_bytes=5,
        )
        assert free.free_gpu_bytes() == 6

    def test_a_card_that_does_not_tell_is_left_out(self) -> None:
        free = gauge(gpu0_memory_total_bytes=None, gpu1_memory_total_bytes=9)
        assert free.free_gpu_bytes() is None

    def test_what_an_endpoint_holds(self) -> None:
        held = gauge(endpoint__a__rss_bytes=5.0, endpoint__b__rss_bytes=None)
        assert [held.held_bytes(name) for name in "abc"] == [
            (5, None),
            (None, None),
            (None, None),
        ]

    async def test_a_new_sample_is_waited_for_but_not_for_long(self) -> None:
        asked, clock = asyncio.Event(), FakeClock()

        async def sample() -> None:
            asked.set()
            await asyncio.Event().wait()

        cards = {"gpu0_memory_total_bytes": 9.0, "gpu0_memory_used_bytes": 1.0}
        slow = SampledMemory(lambda: Snapshot(1, 0, cards, {}), sample=sample, clock=clock)
        waiting = asyncio.create_task(slow.refresh())
        await asked.wait()
        await clock.advance(REFRESH_S)
        await waiting

    async def test_without_a_card_nobody_is_kept_waiting(self) -> None:
        async def sample() -> None:
            raise AssertionError("there is nothing to learn")

        await SampledMemory(lambda: None, sample=sample, clock=FakeClock()).refresh()

    async def test_how_far_a_load_is_comes_from_a_new_sample(self) -> None:
        values = {"endpoint/a/load_progress_ratio": 0.25, "endpoint/b/load_progress_ratio": None}

        async def sample() -> None:
            values["endpoint/a/load_progress_ratio"] = 0.5

        live = SampledMemory(lambda: Snapshot(1, 0, values, {}), sample=sample, clock=FakeClock())
        assert [await live.load_ratio(name) for name in "abc"] == [0.5, None, None]
        assert await SampledMemory(lambda: None).load_ratio("a") is None

    def test_before_the_first_sample_nothing_is_known(self) -> None:
        early = SampledMemory(lambda: None, lambda: None)
        assert (early.free_bytes(), early.free_gpu_bytes()) == (None, None)
        assert early.held_bytes("a") == (None, None)


class TestFiles:
    def test_what_a_model_held_is_known_to_the_next_sidecar(self, tmp_path: Path) -> None:
        file = MemoryFile(tmp_path / "learned.json")
        kept: list[dict[str, Learned]] = []
        file.keep = kept.append  # type: ignore[method-assign, assignment]
        file.book().measured(A, 5, None)
        (tmp_path / "learned.json").write_bytes(msgspec.json.encode(kept[-1]))
        assert file.book().of(A) == Learned(of=started_as(A), memory_bytes=5)

    def test_so_are_the_models_of_a_server(self, tmp_path: Path) -> None:
        file = ShelfFile(tmp_path / "models.json")
        kept: list[dict[str, Shelved]] = []
        file.keep = kept.append  # type: ignore[method-assign, assignment]
        offer = Offer("m", Facts(size_bytes=7, capabilities=("completion", "tools")))
        file.shelf().put(A, [offer])
        (tmp_path / "models.json").write_bytes(msgspec.json.encode(kept[-1]))
        assert file.shelf().of(A) == (offer,)


@pytest.mark.parametrize("amount", [0, None])
def test_nothing_is_written_when_nothing_was_learned(tmp_path: Path, amount: int | None) -> None:
    MemoryFile(tmp_path / "x.json").book().measured(A, amount, None)
    assert not list(tmp_path.iterdir())
