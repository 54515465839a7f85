"""Made-up but plausible sensors of a whole machine for `demo_feed`."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from llama_runner_pro.metrics.model import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llama_runner_pro.metrics.model import Unit, Value

GIB = 1024**3
CORES = 16
CARDS = ("NVIDIA RTX 4090", "NVIDIA RTX 3060")

_PLAIN: tuple[tuple[str, Unit, str, str], ...] = (
    ("cpu_user_pct", "pct", "CPU in programs", "cpu"),
    ("cpu_system_pct", "pct", "CPU in the system", "cpu"),
    ("cpu_iowait_pct", "pct", "CPU waiting for disks", "cpu"),
    ("load_5m", "ratio", "Load 5 min", "cpu"),
    ("load_15m", "ratio", "Load 15 min", "cpu"),
    ("cpu_pressure_pct", "pct", "Work waiting for the CPU", "cpu"),
    ("cpu_frequency_hz", "hz", "CPU clock", "cpu"),
    ("memory_cached_bytes", "bytes", "Memory used as file cache", "memory"),
    ("memory_pressure_pct", "pct", "Work waiting for memory", "memory"),
    ("disk_root_usage_pct", "pct", "System disk", "disk"),
    ("disk_data_usage_pct", "pct", "Data disk", "disk"),
    ("disk_busy_pct", "pct", "Busiest disk", "disk"),
    ("network_enp5s0_received_bytes_per_s", "bytes_per_s", "enp5s0 received", "network_interfaces"),
    ("network_enp5s0_sent_bytes_per_s", "bytes_per_s", "enp5s0 sent", "network_interfaces"),
    ("network_wlan0_received_bytes_per_s", "bytes_per_s", "wlan0 received", "network_interfaces"),
    ("network_wlan0_sent_bytes_per_s", "bytes_per_s", "wlan0 sent", "network_interfaces"),
    ("self_cpu_pct", "pct", "CPU of LlamaRunner Pro (100 % is one core)", "self"),
    ("self_rss_bytes", "bytes", "Memory of LlamaRunner Pro", "self"),
    ("self_tick_late_ms", "ms", "Lateness of the last sample", "self"),
    ("endpoint/demo/response_ms", "ms", "Response time", "endpoint"),
    ("endpoint/demo/threads", "count", "Threads", "endpoint"),
    ("endpoint/demo/fds", "count", "Open files", "endpoint"),
    ("endpoint/llava/load_progress_ratio", "ratio", "Model read", "endpoint"),
    ("model/demo/prompt_tokens_per_s", "per_s", "Prompt tokens per second", "model"),
    ("model/demo/slots_busy", "count", "Slots busy", "model"),
    ("model/demo/slots_total", "count", "Slots", "model"),
    ("model/demo/context_usage_pct", "pct", "Context used (fullest slot)", "model"),
)
_CARD: tuple[tuple[str, Unit, str], ...] = (
    ("utilization_pct", "pct", "use"),
    ("memory_used_bytes", "bytes", "memory used"),
    ("memory_total_bytes", "bytes", "memory"),
    ("temperature_c", "c", "temperature"),
    ("power_w", "w", "power"),
    ("power_limit_w", "w", "power limit"),
    ("clock_hz", "hz", "clock"),
    ("memory_clock_hz", "hz", "memory clock"),
    ("fan_pct", "pct", "fan"),
)


def fields(*, gpu: bool) -> Iterator[Field]:
    """What a large machine has beside what every machine has."""
    for name, unit, label, group in _PLAIN:
        yield Field(name, unit, label, group)
    for core in range(CORES):
        yield Field(f"cpu_core{core}_usage_pct", "pct", f"Core {core}", "cpu_cores")
    for number, name in enumerate(CARDS if gpu else ()):
        for part, unit, label in _CARD:
            yield Field(f"gpu{number}_{part}", unit, f"GPU {number} {name} {label}", "gpu")


def sample(t_s: float, *, gpu: bool) -> dict[str, Value]:
    """Values that swing like those of a machine at work."""
    noise = random.Random(int(t_s) + 1)
    busy = 0.5 + 0.4 * math.sin(t_s / 47) + 0.1 * math.sin(t_s / 5)
    burst = max(0.0, math.sin(t_s / 61)) ** 3
    values: dict[str, Value] = {
        "cpu_user_pct": round(52 * busy + noise.uniform(0, 4), 1),
        "cpu_system_pct": round(9 * busy + noise.uniform(0, 2), 1),
        "cpu_iowait_pct": round(6 * burst, 1),
        "load_5m": round(2.6 * busy + 0.9, 2),
        "load_15m": round(1.9 * busy + 1.3, 2),
        "cpu_pressure_pct": round(4 * max(0.0, busy - 0.6), 1),
        "cpu_frequency_hz": int(3.1e9 + 1.4e9 * busy),
        "memory_cached_bytes": int(9 * GIB + GIB * burst),
        "memory_pressure_pct": 0.0,
        "disk_root_usage_pct": 61.3,
        "disk_data_usage_pct": round(83.1 + 0.4 * busy, 1),
        "disk_busy_pct": round(88 * burst**2, 1),
        "network_enp5s0_received_bytes_per_s": int(2.6e6 * burst + noise.uniform(2e3, 9e4)),
        "network_enp5s0_sent_bytes_per_s": int(7e5 * burst + noise.uniform(1e3, 6e4)),
        "network_wlan0_received_bytes_per_s": int(noise.uniform(0, 900)),
        "network_wlan0_sent_bytes_per_s": int(noise.uniform(0, 300)),
        "self_cpu_pct": round(0.6 + noise.uniform(0, 0.3), 1),
        "self_rss_bytes": 58 * 1024**2,
        "self_tick_late_ms": round(noise.uniform(0.1, 2.5), 1),
        "endpoint/demo/response_ms": round(noise.uniform(2, 9), 1),
        "endpoint/demo/threads": 19,
        "endpoint/demo/fds": 41,
        "endpoint/llava/load_progress_ratio": round((t_s % 30) / 30, 2),
        "model/demo/prompt_tokens_per_s": round(410 * burst, 1),
        "model/demo/slots_busy": int(4 * busy),
        "model/demo/slots_total": 4,
        "model/demo/context_usage_pct": round(70 * busy, 1),
    }
    for core in range(CORES):
        share = 0.5 + 0.5 * math.sin(t_s / (31 + core) + core)
        values[f"cpu_core{core}_usage_pct"] = round(100 * busy * share, 1)
    for number in range(len(CARDS) if gpu else 0):
        values |= _card(number, busy)
    return values


def _card(number: int, busy: float) -> dict[str, Value]:
    own = busy if number == 0 else busy / 3
    found: dict[str, Value] = {
        "utilization_pct": round(max(0.0, min(100.0, 110 * own - 12)), 1),
        "memory_used_bytes": int(18.2 * GIB) if number == 0 else 4 * GIB,
        "memory_total_bytes": (24 if number == 0 else 12) * GIB,
        "temperature_c": round(51 + 14 * own, 1),
        "power_w": round(70 + 310 * own, 1) if number == 0 else None,
        "power_limit_w": 450 if number == 0 else None,
        "clock_hz": int(1.2e9 + 1.3e9 * own),
        "memory_clock_hz": int(10.5e9),
        "fan_pct": round(30 + 40 * own, 1),
    }
    return {f"gpu{number}_{part}": value for part, value in found.items()}
