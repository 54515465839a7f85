from __future__ import annotations

import pytest

from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuSample
from llama_runner_pro.metrics.collectors.pdh_answers import (
    Adapter,
    Counters,
    Instance,
    adapters_of,
    details_of,
    parse_instance,
    samples_of,
)

CARD = "luid_0x00000000_0x0000D1B2_phys_0"
OTHER = "luid_0x00000000_0x0000AAAA_phys_0"
BIG = Adapter(0xD1B2, "NVIDIA GeForce RTX 4090", 24 * 2**30, 0x10DE)
SMALL = Adapter(0xAAAA, "Intel(R) UHD Graphics", 128 * 2**20, 0x8086)
LOOK = Counters(
    engine_pct={
        f"pid_4312_{CARD}_eng_0_engtype_3D": 40.0,
        f"pid_99_{CARD}_eng_0_engtype_3D": 15.0,
        f"pid_4312_{CARD}_eng_5_engtype_Compute_0": 30.0,
        f"pid_4312_{CARD}_eng_7_engtype_Video Encode": 12.0,
        f"pid_4312_{OTHER}_eng_0_engtype_3D": 2.0,
        "_Total": 99.0,
    },
    adapter_bytes={CARD: 5e9, OTHER: 1e6, "_Total": 6e9},
    process_bytes={
        f"pid_4312_{CARD}": 4e9,
        f"pid_99_{CARD}": 0.0,
        f"pid_4312_{OTHER}": 7.0,
    },
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (CARD, Instance(0xD1B2)),
        (f"pid_4312_{CARD}", Instance(0xD1B2, 4312)),
        (f"pid_4312_{CARD}_eng_3_engtype_3D", Instance(0xD1B2, 4312, (3, "3d"))),
        (
            f"pid_4_{CARD}_eng_12_engtype_Video Decode",
            Instance(0xD1B2, 4, (12, "videodecode")),
        ),
        (f"pid_4_{CARD}_eng_0_engtype_", Instance(0xD1B2, 4, (0, ""))),
        (
            "pid_1_luid_0x00000001_0x00000002_phys_0",
            Instance((1 << 32) | 2, 1),
        ),
    ],
)
def test_the_name_of_a_counter_tells_process_card_and_engine(name: str, expected: Instance) -> None:
    assert parse_instance(name) == expected


@pytest.mark.parametrize("name", ["_Total", "", "pid_x_luid_0x0_0x0_phys_0"])
def test_other_names_are_left_out(name: str) -> None:
    assert parse_instance(name) is None


def test_the_registry_lists_cards_and_a_pretended_one() -> None:
    entries = [
        {"AdapterLuid": 0xAAAA, "Description": SMALL.name, "VendorId": 0x8086,
         "DedicatedVideoMemory": 128 * 2**20},
        {"AdapterLuid": 0xD1B2, "Description": BIG.name, "VendorId": 0x10DE,
         "DedicatedVideoMemory": 24 * 2**30},
        {"AdapterLuid": 0xBBBB, "Description": "Microsoft Basic Render Driver",
         "VendorId": 0x1414, "DedicatedVideoMemory": 0},
        {"LastSeen": 5},
    ]  # fmt: skip
    assert adapters_of(entries) == [BIG, SMALL]


def test_a_card_without_memory_of_its_own_has_no_size() -> None:
    (adapter,) = adapters_of([{"AdapterLuid": 1, "DedicatedVideoMemory": 0}])
    assert adapter == Adapter(1, "Graphics card", None, None)


def test_the_busiest_engine_is_the_cards_use() -> None:
    assert samples_of(LOOK, [BIG, SMALL]) == [
        GpuSample(
            utilization_pct=55.0,
            memory_used_bytes=5_000_000_000,
            memory_total_bytes=24 * 2**30,
        ),
        GpuSample(utilization_pct=2.0, memory_used_bytes=1_000_000, memory_total_bytes=128 * 2**20),
    ]


def test_an_engine_is_never_busier_than_all_the_time() -> None:
    busy = {f"pid_{pid}_{CARD}_eng_0_engtype_3D": 80.0 for pid in (1, 2)}
    (sample,) = samples_of(Counters(busy, {}, {}), [BIG])
    assert sample.utilization_pct == 100


def test_before_the_second_look_nothing_is_known_but_the_size() -> None:
    (sample,) = samples_of(Counters({}, {}, {}), [BIG])
    assert sample == GpuSample(memory_total_bytes=24 * 2**30)


def test_memory_of_processes_and_video_engines_are_told_per_card() -> None:
    big, small = details_of(LOOK, [BIG, SMALL])
    assert big == GpuDetail(encoder_pct=12.0, processes=1, memory_of={4312: 4_000_000_000, 99: 0})
    assert big.decoder_pct is None
    assert small.memory_of == {4312: 7}
    assert "NVIDIA's driver does" in big.reasons["fan_pct"]
