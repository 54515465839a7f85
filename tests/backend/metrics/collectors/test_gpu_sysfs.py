from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.sysfs import Sysfs

from llama_runner_pro.metrics.collectors.gpu_sysfs import (
    WatchedClients,
    find_cards,
    read_number,
    read_text,
    read_whole,
)

if TYPE_CHECKING:
    from pathlib import Path

PDEV = "0000:03:00.0"


def client(busy_ns: int, *, id_: int = 1, memory: str = "1 MiB", pdev: str = PDEV) -> str:
    return (
        f"drm-driver:\tamdgpu\ndrm-pdev:\t{pdev}\ndrm-client-id:\t{id_}\n"
        f"drm-memory-vram:\t{memory}\ndrm-engine-gfx:\t{busy_ns} ns\ndrm-engine-dec:\t0 ns\n"
    )


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return Sysfs(tmp_path)


def test_cards_of_a_driver_are_found_by_number_without_their_outlets(sysfs: Sysfs) -> None:
    sysfs.card(10, "amdgpu", pdev="b")
    sysfs.card(2, "amdgpu", pdev="a")
    sysfs.card(1, "nvidia")
    (sysfs.drm / "card2-HDMI-A-1").mkdir()
    (sysfs.drm / "renderD128").mkdir()
    cards = find_cards({"amdgpu"}, sysfs.drm)
    assert [card.pdev for card in cards] == ["a", "b"]
    assert cards[0].pci_id == "1002:744C"
    assert cards[0].device == sysfs.drm / "card2" / "device"


def test_a_machine_without_cards_has_none(tmp_path: Path) -> None:
    assert find_cards({"amdgpu"}, tmp_path / "nowhere") == []


def test_a_card_without_sensors_has_no_folder_of_them(sysfs: Sysfs) -> None:
    sysfs.card(0, "amdgpu")
    sysfs.card(1, "amdgpu", hwmon={"temp1_input": 1})
    bare, full = find_cards({"amdgpu"}, sysfs.drm)
    assert bare.hwmon() is None
    assert full.hwmon() == full.device / "hwmon" / "hwmon4"


def test_numbers_are_scaled_and_kept_within_what_can_be(tmp_path: Path) -> None:
    path = tmp_path / "value"
    path.write_text("61000\n")
    assert read_number(path, 0.001) == 61
    assert read_number(path, high=60000) is None
    assert read_whole(path, 2) == 122000
    path.write_text("-5\n")
    assert read_number(path) is None
    assert read_number(path, low=-10) == -5
    path.write_text("N/A\n")
    assert read_number(path) is None
    assert read_text(path) == "N/A"
    assert read_number(tmp_path / "gone") is None
    assert read_number(None) is None


def test_memory_is_told_for_every_process_that_was_asked_for(sysfs: Sysfs) -> None:
    clients = WatchedClients(sysfs.proc)
    sysfs.uses(7, client(0, id_=1), 5)
    sysfs.uses(7, client(0, id_=2, memory="2 MiB"), 6)
    sysfs.uses(8, client(0, id_=3, pdev="0000:99:00.0"))
    clients.look(frozenset({7, 8, 9}))
    assert clients.memory_of(PDEV) == {7: 3 * 1024**2, 8: 0, 9: 0}


def test_memory_that_a_driver_does_not_tell_is_not_zero(sysfs: Sysfs) -> None:
    clients = WatchedClients(sysfs.proc)
    sysfs.uses(7, f"drm-driver:\ti915\ndrm-pdev:\t{PDEV}\ndrm-client-id:\t1\n")
    clients.look(frozenset({7}))
    assert clients.memory_of(PDEV) == {7: None}


def test_the_busiest_engine_of_all_watched_processes_is_told(sysfs: Sysfs) -> None:
    clients = WatchedClients(sysfs.proc)
    for now_s, seven_ns, eight_ns in ((0.0, 0, 0), (10.0, 4 * 10**9, 2 * 10**9)):
        sysfs.uses(7, client(seven_ns, id_=1))
        sysfs.uses(8, client(eight_ns, id_=2))
        clients.look(frozenset({7, 8}))
        busy = clients.busy_pct(PDEV, now_s)
        assert busy == (None if now_s == 0 else pytest.approx(60))


def test_cycles_are_compared_with_the_cards_own_count(sysfs: Sysfs) -> None:
    clients = WatchedClients(sysfs.proc)
    for now_s, spent, total in ((0.0, 100, 1000), (1.0, 300, 2000)):
        sysfs.uses(
            7,
            f"drm-driver:\txe\ndrm-pdev:\t{PDEV}\ndrm-client-id:\t1\n"
            f"drm-cycles-ccs:\t{spent}\ndrm-total-cycles-ccs:\t{total}\n",
        )
        clients.look(frozenset({7}))
        busy = clients.busy_pct(PDEV, now_s)
    assert busy == pytest.approx(20)


def test_a_process_that_ended_leaves_nothing_behind(sysfs: Sysfs) -> None:
    clients = WatchedClients(sysfs.proc)
    sysfs.uses(7, client(5 * 10**9))
    clients.look(frozenset({7}))
    clients.busy_pct(PDEV, 0.0)
    clients.look(frozenset())
    assert clients.busy_pct(PDEV, 1.0) is None
    clients.look(frozenset({7}))
    assert clients.busy_pct(PDEV, 2.0) is None
