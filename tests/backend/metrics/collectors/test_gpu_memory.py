from __future__ import annotations

import sys
from pathlib import Path

import pytest

from llama_runner_pro.metrics.collectors.gpu_memory import memory_of_tree, sees_all_pids
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail


def held(*details: GpuDetail, pids: tuple[int, ...] = (7, 8), all_pids: bool = True) -> object:
    memory, reason = memory_of_tree(pids, details, all_pids=all_pids)
    assert (memory is None) == bool(reason)
    return reason if memory is None else memory


def test_all_processes_on_all_cards_are_added_up() -> None:
    assert held(GpuDetail(memory_of={7: 10, 8: 5, 9: 99}), GpuDetail(memory_of={8: 100})) == 115


def test_processes_that_no_card_lists_hold_nothing() -> None:
    assert held(GpuDetail(memory_of={9: 99})) == 0


def test_a_driver_that_tells_of_no_process_is_not_read_as_nothing_held() -> None:
    detail = GpuDetail(reasons={"processes": "not supported by this graphics card"})
    assert held(detail) == "not supported by this graphics card"


def test_a_share_that_the_driver_hides_is_not_read_as_nothing_held() -> None:
    assert "single processes" in str(held(GpuDetail(memory_of={7: None, 8: 0})))


def test_what_one_card_tells_counts_though_another_tells_nothing() -> None:
    assert held(GpuDetail(memory_of={7: 10}), GpuDetail()) == 10


def test_in_a_container_only_what_is_listed_is_known() -> None:
    assert "container" in str(held(GpuDetail(memory_of={9: 99}), all_pids=False))
    assert held(GpuDetail(memory_of={7: 10}), all_pids=False) == 10


def test_a_source_that_was_asked_for_these_processes_needs_no_foreign_pids() -> None:
    assert held(GpuDetail(memory_of={7: 0, 8: 0}, everyone=False), all_pids=False) == 0


def test_without_cards_nothing_is_held() -> None:
    assert held() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no namespaces")
def test_the_first_namespace_is_told_from_others(tmp_path: Path) -> None:
    assert not sees_all_pids(tmp_path)
    assert isinstance(sees_all_pids(), bool)


def test_a_system_without_namespaces_sees_every_process() -> None:
    assert sees_all_pids(Path("no-such-file"))
