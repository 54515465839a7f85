"""Graphics cards of all makers as numbered fields, and the memory each endpoint holds there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.gpu_bank import GpuBank
from llama_runner_pro.metrics.collectors.gpu_memory import memory_of_tree, sees_all_pids
from llama_runner_pro.metrics.collectors.gpu_ports import NOT_REPORTED, GpuDetail, GpuSample
from llama_runner_pro.metrics.collectors.sensor import TargetFields
from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collector import Lane
    from llama_runner_pro.metrics.collectors.gpu_ports import GpuSource
    from llama_runner_pro.metrics.collectors.sensor import Parts
    from llama_runner_pro.metrics.model import Unit, Value

NUMBERING_PATIENCE_S = 15.0
"""How long a maker whose driver hangs at the start keeps the numbers of the others open."""

_FAST: dict[str, tuple[Unit, str]] = {
    "utilization_pct": ("pct", "use"),
    "memory_used_bytes": ("bytes", "memory used"),
    "memory_total_bytes": ("bytes", "memory"),
    "temperature_c": ("c", "temperature"),
    "power_w": ("w", "power"),
}
_SLOW: dict[str, tuple[Unit, str]] = {
    "memory_busy_pct": ("pct", "memory traffic"),
    "models_busy_pct": ("pct", "use by the watched models"),
    "power_limit_w": ("w", "power limit"),
    "fan_pct": ("pct", "fan"),
    "clock_hz": ("hz", "clock"),
    "memory_clock_hz": ("hz", "memory clock"),
    "encoder_pct": ("pct", "video encoder"),
    "decoder_pct": ("pct", "video decoder"),
    "pcie_received_bytes_per_s": ("bytes_per_s", "PCIe received"),
    "pcie_sent_bytes_per_s": ("bytes_per_s", "PCIe sent"),
    "processes": ("count", "processes"),
}
_ENDPOINT_PARTS: Parts = {"gpu_memory_bytes": ("bytes", "Graphics memory", "gauge")}


class GpuCollector:
    """Asks one bank per maker; each bank lists the ways to its cards, best first.

    Cards are numbered in the order of the banks and keep their number. Ticks show the last
    sample of a slow bank; when that is too old, its values are missing, with a reason.
    """

    name = "gpu"
    lane: Lane = "fast"
    deadline_s = 1.0

    def __init__(
        self,
        banks: Sequence[Sequence[GpuSource]],
        clock: Clock,
        *,
        targets: Callable[[], Sequence[MetricTarget]] = tuple,
        members: Callable[[], Mapping[str, frozenset[int]]] = dict,
        all_pids: Callable[[], bool] = sees_all_pids,
    ) -> None:
        self._banks = tuple(GpuBank(sources, clock) for sources in banks)
        self._targets = targets
        self._members = members
        self._all_pids = all_pids()
        self._started_s: float | None = None
        self._cards: list[tuple[GpuBank, int]] = []
        """Bank and place in it, by number."""
        self._names: tuple[str, ...] = ()
        self._card_fields: tuple[Field, ...] = ()
        self._endpoint_fields = TargetFields("endpoint", _ENDPOINT_PARTS)
        self._declared: tuple[tuple[Field, ...], tuple[Field, ...]] = ((), ())
        self._fields: tuple[Field, ...] = ()

    def fields(self) -> Sequence[Field]:
        """All values of all cards found so far, and the memory of each endpoint."""
        cards, endpoints = self._card_fields, self._endpoint_fields.of(self._targets())
        if cards is not self._declared[0] or endpoints is not self._declared[1]:
            self._declared = (cards, endpoints)
            self._fields = (*cards, *endpoints)
        return self._fields

    async def collect(self, now_s: float) -> Reading:
        """The newest samples. Never raises; cancelling leaves reads running."""
        if self._started_s is None:
            self._started_s = now_s
        members = self._members()
        pids = frozenset(pid for tree in members.values() for pid in tree)
        due = [bank for bank in self._banks if bank.due(now_s)]
        if len(due) == 1:
            await due[0].look(now_s, pids)
        elif due:
            async with asyncio.TaskGroup() as group:
                for bank in due:
                    group.create_task(bank.look(now_s, pids))
        self._number(now_s - self._started_s > NUMBERING_PATIENCE_S)
        return self._reading(now_s, members)

    def _number(self, impatient: bool) -> None:
        """Give new cards the next numbers, once all earlier makers have said what they have."""
        for bank in self._banks:
            if not bank.answered and not impatient:
                break
            known = sum(owner is bank for owner, _ in self._cards)
            self._cards += [(bank, place) for place in range(known, len(bank.names))]
        names = tuple(
            bank.names[place] if place < len(bank.names) else "Graphics card"
            for bank, place in self._cards
        )
        if names != self._names:
            self._names = names
            self._card_fields = _card_fields(names)

    def _reading(self, now_s: float, members: Mapping[str, frozenset[int]]) -> Reading:
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        details: list[GpuDetail] = []
        asked: frozenset[int] = frozenset()
        seen = {bank: bank.samples(now_s) for bank in self._banks}
        for number, (bank, place) in enumerate(self._cards):
            samples, slow = seen[bank]
            if place >= len(samples):
                lost = (f"gpu{number}_{part}" for part in (*_FAST, *_SLOW))
                absent.update(dict.fromkeys(lost, bank.reason))
                continue
            _show(number, _FAST, samples[place], values, absent)
            if place < len(slow):
                _show(number, _SLOW, slow[place], values, absent)
                details.append(slow[place])
                asked = bank.asked
        if not self._cards:
            absent["gpu"] = "; ".join(dict.fromkeys(bank.reason for bank in self._banks))
        self._endpoints(details, _known(members, asked), values, absent)
        facts = {f"gpu{number}_name": name for number, name in enumerate(self._names)}
        return Reading(values, absent, facts)

    def _endpoints(
        self,
        details: Sequence[GpuDetail],
        trees: Mapping[str, frozenset[int]],
        values: dict[str, Value],
        absent: dict[str, str],
    ) -> None:
        for target in self._targets():
            name = f"endpoint/{target.name}/gpu_memory_bytes"
            tree = trees.get(target.name)
            if not details:
                absent[name] = "no graphics card that can be asked"
            elif tree is None:
                absent[name] = "not running" if target.pid is None else "not looked at yet"
            else:
                held, reason = memory_of_tree(tree, details, all_pids=self._all_pids)
                values[name] = held
                if held is None:
                    absent[name] = reason


def _known(
    members: Mapping[str, frozenset[int]], asked: frozenset[int]
) -> Mapping[str, frozenset[int]]:
    """Those trees that the last look at processes was about, as a whole."""
    return {name: tree for name, tree in members.items() if tree and tree <= asked}


def _card_fields(names: Sequence[str]) -> tuple[Field, ...]:
    return tuple(
        Field(f"gpu{number}_{part}", unit, f"{name} {label}", "gpu")
        for number, name in enumerate(names)
        for part, (unit, label) in (*_FAST.items(), *_SLOW.items())
    )


def _show(
    number: int,
    parts: Mapping[str, object],
    look: GpuSample | GpuDetail,
    values: dict[str, Value],
    absent: dict[str, str],
) -> None:
    for part in parts:
        value = getattr(look, part)
        values[f"gpu{number}_{part}"] = value
        if value is None:
            absent[f"gpu{number}_{part}"] = look.reasons.get(part, NOT_REPORTED)
