from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.metrics.collectors.drm_fdinfo import clients_of, parse_fdinfo

if TYPE_CHECKING:
    from pathlib import Path

AMD = """pos:	0
flags:	02100002
drm-driver:	amdgpu
drm-client-id:	29
drm-pdev:	0000:03:00.0
drm-memory-vram:	1024 KiB
drm-memory-gtt: 	9999 KiB
drm-total-vram:	4 MiB
drm-engine-gfx:	1500000000 ns
drm-engine-compute:	500000000 ns
drm-engine-capacity-gfx:	1
"""
I915 = """drm-driver:	i915
drm-pdev:	0000:00:02.0
drm-client-id:	7
drm-total-system0:	100 MiB
drm-total-local0:	64 MiB
drm-resident-local0:	32 MiB
drm-engine-render:	25 ns
drm-engine-capacity-video:	2
"""
XE = """drm-driver:	xe
drm-client-id:	42
drm-pdev:	0000:03:00.0
drm-resident-vram0:	0
drm-resident-vram1:	8 KiB
drm-resident-gtt:	5 MiB
drm-cycles-rcs:	28257900
drm-total-cycles-rcs:	7655183225
drm-cycles-ccs:	5
"""


def test_amd_tells_memory_and_engine_times() -> None:
    client = parse_fdinfo(AMD)
    assert client is not None
    assert (client.driver, client.pdev, client.id) == ("amdgpu", "0000:03:00.0", "29")
    assert client.memory_bytes == 1024 * 1024
    assert client.engine_ns == {"gfx": 1_500_000_000, "compute": 500_000_000}


def test_what_is_resident_counts_before_what_is_reserved() -> None:
    client = parse_fdinfo(I915)
    assert client is not None
    assert client.memory_bytes == 32 * 1024**2
    assert client.engine_ns == {"render": 25}


def test_xe_counts_cycles_and_several_regions() -> None:
    client = parse_fdinfo(XE)
    assert client is not None
    assert client.memory_bytes == 8 * 1024
    assert client.engine_cycles == {"rcs": (28257900, 7655183225)}


def test_a_card_without_memory_of_its_own_tells_none() -> None:
    client = parse_fdinfo("drm-driver:\ti915\ndrm-client-id:\t1\ndrm-total-system0:\t9 MiB\n")
    assert client is not None
    assert client.memory_bytes is None


@pytest.mark.parametrize("text", ["", "pos:\t0\nflags:\t02\n", "drm-driver:\txe\n"])
def test_other_files_are_no_clients(text: str) -> None:
    assert parse_fdinfo(text) is None


def open_file(proc: Path, pid: int, number: int, text: str, target: str = "renderD128") -> None:
    folder = proc / str(pid)
    (folder / "fd").mkdir(parents=True, exist_ok=True)
    (folder / "fdinfo").mkdir(exist_ok=True)
    (folder / "fd" / str(number)).symlink_to(f"/dev/dri/{target}")
    (folder / "fdinfo" / str(number)).write_text(text)


def test_clients_of_several_processes_are_found(tmp_path: Path) -> None:
    open_file(tmp_path, 7, 3, AMD)
    open_file(tmp_path, 7, 4, I915, "card0")
    open_file(tmp_path, 8, 3, XE)
    found = clients_of({7, 8}, tmp_path)
    assert {client.driver for client in found[7]} == {"amdgpu", "i915"}
    assert [client.driver for client in found[8]] == ["xe"]


def test_a_client_that_is_open_twice_or_shared_counts_once(tmp_path: Path) -> None:
    open_file(tmp_path, 7, 3, AMD)
    open_file(tmp_path, 7, 4, AMD)
    open_file(tmp_path, 8, 3, AMD)
    found = clients_of({8, 7}, tmp_path)
    assert (len(found[7]), len(found[8])) == (1, 0)


def test_other_open_files_are_not_even_read(tmp_path: Path) -> None:
    open_file(tmp_path, 7, 3, AMD)
    (tmp_path / "7" / "fd" / "9").symlink_to("/dev/null")
    assert len(clients_of({7}, tmp_path)[7]) == 1


def test_a_process_that_has_ended_or_hides_its_files_has_none(tmp_path: Path) -> None:
    open_file(tmp_path, 7, 3, AMD)
    (tmp_path / "7" / "fdinfo" / "3").unlink()
    assert clients_of({7, 99}, tmp_path) == {7: [], 99: []}
