"""What Windows' performance counters for graphics cards mean; no Windows needed here.

Instances of the sets `GPU Engine`, `GPU Process Memory` and `GPU Adapter Memory` carry the
process and the card in their names: `pid_4312_luid_0x00000000_0x0000D1B2_phys_0_eng_3_engtype_3D`.
A card is known by its LUID, which the registry key `SOFTWARE\\Microsoft\\DirectX` holds beside
its name and the size of its memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuSample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_INSTANCE = re.compile(
    r"^(?:pid_(?P<pid>\d+)_)?luid_0x(?P<high>[0-9a-f]+)_0x(?P<low>[0-9a-f]+)_phys_\d+"
    r"(?:_eng_(?P<engine>\d+)_engtype_(?P<kind>.*))?$",
    re.IGNORECASE,
)
NVIDIA = 0x10DE
_MICROSOFT = 0x1414
"""Maker of the adapter that draws with the processor."""
_NOT_HERE = "Windows does not tell it for every card; NVIDIA's driver does"
_ENCODER, _DECODER = "videoencode", "videodecode"


class Instance(ValueObject, frozen=True):
    """The parts of one counter's name."""

    luid: int
    pid: int | None = None
    engine: tuple[int, str] | None = None
    """Number and kind, in lower case and without blanks."""


class Adapter(ValueObject, frozen=True):
    """A card as the registry describes it."""

    luid: int
    name: str
    memory_bytes: int | None
    maker: int | None = None
    """The PCI number of who made it."""


class Counters(ValueObject, frozen=True):
    """One look: values by instance name."""

    engine_pct: Mapping[str, float]
    """`GPU Engine`, `Utilization Percentage`."""
    adapter_bytes: Mapping[str, float]
    """`GPU Adapter Memory`, `Dedicated Usage`."""
    process_bytes: Mapping[str, float]
    """`GPU Process Memory`, `Dedicated Usage`."""


def parse_instance(name: str) -> Instance | None:
    """None for a name of another form."""
    found = _INSTANCE.match(name)
    if found is None:
        return None
    luid = int(found["high"], 16) << 32 | int(found["low"], 16)
    engine = None
    if found["engine"] is not None:
        engine = (int(found["engine"]), found["kind"].replace(" ", "").lower())
    return Instance(luid, None if found["pid"] is None else int(found["pid"]), engine)


def adapters_of(entries: Iterable[Mapping[str, object]]) -> list[Adapter]:
    """Real cards among the registry's entries, each LUID once, the one with most memory first."""
    found: dict[int, Adapter] = {}
    for entry in entries:
        luid, name, memory = (
            entry.get("AdapterLuid"),
            entry.get("Description"),
            entry.get("DedicatedVideoMemory"),
        )
        if not isinstance(luid, int) or entry.get("VendorId") == _MICROSOFT:
            continue
        size = memory if isinstance(memory, int) and memory > 0 else None
        maker = entry.get("VendorId")
        found[luid] = Adapter(
            luid, str(name or "Graphics card"), size, maker if isinstance(maker, int) else None
        )
    return sorted(found.values(), key=lambda adapter: (-(adapter.memory_bytes or 0), adapter.luid))


def samples_of(counters: Counters, adapters: Sequence[Adapter]) -> list[GpuSample]:
    """The busiest engine counts as a card's use, as in Windows' Task Manager."""
    busy = _engines(counters)
    used = _by_card(counters.adapter_bytes)
    return [
        GpuSample(
            utilization_pct=max(busy[adapter.luid].values(), default=None)
            if adapter.luid in busy
            else None,
            memory_used_bytes=used.get(adapter.luid),
            memory_total_bytes=adapter.memory_bytes,
            reasons={"temperature_c": _NOT_HERE, "power_w": _NOT_HERE},
        )
        for adapter in adapters
    ]


def details_of(counters: Counters, adapters: Sequence[Adapter]) -> list[GpuDetail]:
    """Video engines, and who holds how much of each card's memory."""
    busy = _engines(counters)
    return [_detail(adapter, busy.get(adapter.luid, {}), counters) for adapter in adapters]


def _detail(
    adapter: Adapter, engines: Mapping[tuple[int, str], float], counters: Counters
) -> GpuDetail:
    memory_of: dict[int, int | None] = {}
    for name, held_bytes in counters.process_bytes.items():
        instance = parse_instance(name)
        if instance is not None and instance.pid is not None and instance.luid == adapter.luid:
            memory_of[instance.pid] = (memory_of.get(instance.pid) or 0) + round(held_bytes)
    return GpuDetail(
        encoder_pct=_busiest(engines, _ENCODER),
        decoder_pct=_busiest(engines, _DECODER),
        processes=sum(1 for held in memory_of.values() if held),
        memory_of=memory_of,
        reasons=dict.fromkeys(("fan_pct", "clock_hz", "memory_clock_hz"), _NOT_HERE),
    )


def _busiest(engines: Mapping[tuple[int, str], float], kind: str) -> float | None:
    return max((share for (_, name), share in engines.items() if name == kind), default=None)


def _engines(counters: Counters) -> dict[int, dict[tuple[int, str], float]]:
    """Use of each card's engines: the sum over all processes."""
    found: dict[int, dict[tuple[int, str], float]] = {}
    for name, share in counters.engine_pct.items():
        instance = parse_instance(name)
        if instance is not None and instance.engine is not None:
            engines = found.setdefault(instance.luid, {})
            engines[instance.engine] = min(100.0, engines.get(instance.engine, 0.0) + share)
    return found


def _by_card(values: Mapping[str, float]) -> dict[int, int]:
    totals: dict[int, int] = {}
    for name, value in values.items():
        instance = parse_instance(name)
        if instance is not None:
            totals[instance.luid] = totals.get(instance.luid, 0) + round(value)
    return totals
