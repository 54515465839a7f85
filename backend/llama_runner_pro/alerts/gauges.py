"""Values against their limits: memory and graphics cards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llama_runner_pro.alerts import messages
from llama_runner_pro.alerts.rules import Durations, level
from llama_runner_pro.alerts.watches import Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from llama_runner_pro.alerts.watches import Key
    from llama_runner_pro.config.alerts import AlertsSpec

    Values = Mapping[str, float | int | None]

MACHINE = "machine"
_HEAT = re.compile(r"gpu(\d+)_temperature_c")
_CARD_MEMORY = re.compile(r"gpu(\d+)_memory_used_bytes")


def read_gauges(
    spec: AlertsSpec, limits_bytes: Mapping[str, int], names: Collection[str], values: Values
) -> Iterator[tuple[Key, Seen]]:
    """Every value that has a limit and was measured, as what it says about its alarm."""
    if spec.process_memory.enabled:
        yield from _process_memory(spec, limits_bytes, names, values)
    if spec.endpoint_gpu_memory.enabled:
        yield from _endpoint_gpu_memory(spec, names, values)
    if spec.system_memory.enabled:
        yield from _system_memory(spec, values)
    for name, value in values.items():
        if value is None or not name.startswith("gpu"):
            continue
        heat, memory = _HEAT.fullmatch(name), _CARD_MEMORY.fullmatch(name)
        if heat is not None and spec.gpu_temperature.enabled:
            yield _gpu_temperature(spec, heat.group(1), value)
        total_bytes = values.get(name.replace("_used_", "_total_"))
        if memory is not None and spec.gpu_memory.enabled and total_bytes:
            yield _gpu_memory(spec, memory.group(1), 100.0 * value / total_bytes)


def _process_memory(
    spec: AlertsSpec, limits_bytes: Mapping[str, int], names: Collection[str], values: Values
) -> Iterator[tuple[Key, Seen]]:
    rule = spec.process_memory
    for name in names:
        own_bytes = limits_bytes.get(name)
        own = own_bytes is not None
        above = rule.above_bytes if own_bytes is None else own_bytes * rule.above_limit_pct / 100.0
        used_bytes = values.get(f"endpoint/{name}/rss_bytes")
        if above is None or used_bytes is None:
            continue
        yield (
            ("process_memory", name),
            Seen(
                signal=level(
                    used_bytes, above=above, clear_below=above * rule.clear_below_pct / 100.0
                ),
                durations=Durations(rule.for_s, rule.clear_for_s),
                severity="warning",
                alarm=messages.process_memory(name, used_bytes, own_bytes or above, own=own),
                end=f"It uses {messages.gib(used_bytes)} now.",
                endpoint=name,
                holds=False,
            ),
        )


def _endpoint_gpu_memory(
    spec: AlertsSpec, names: Collection[str], values: Values
) -> Iterator[tuple[Key, Seen]]:
    rule = spec.endpoint_gpu_memory
    above = rule.above_bytes
    for name in names:
        used_bytes = values.get(f"endpoint/{name}/gpu_memory_bytes")
        if above is None or used_bytes is None:
            continue
        yield (
            ("endpoint_gpu_memory", name),
            Seen(
                signal=level(
                    used_bytes, above=above, clear_below=above * rule.clear_below_pct / 100.0
                ),
                durations=Durations(rule.for_s, rule.clear_for_s),
                severity="warning",
                alarm=messages.endpoint_gpu_memory(name, used_bytes, above),
                end=f"It uses {messages.gib(used_bytes)} now.",
                endpoint=name,
                holds=False,
            ),
        )


def _system_memory(spec: AlertsSpec, values: Values) -> Iterator[tuple[Key, Seen]]:
    rule = spec.system_memory
    used_pct = values.get("memory_usage_pct")
    if used_pct is None:
        return
    yield (
        ("system_memory", MACHINE),
        Seen(
            signal=level(used_pct, above=rule.above_pct, clear_below=rule.clear_below_pct),
            durations=Durations(rule.for_s, rule.clear_for_s),
            severity="critical",
            alarm=messages.system_memory(used_pct, rule.above_pct),
            end=f"{used_pct:.0f} % is in use now.",
            holds=False,
        ),
    )


def _gpu_memory(spec: AlertsSpec, card: str, used_pct: float) -> tuple[Key, Seen]:
    rule = spec.gpu_memory
    return (
        ("gpu_memory", f"gpu{card}"),
        Seen(
            signal=level(used_pct, above=rule.above_pct, clear_below=rule.clear_below_pct),
            durations=Durations(rule.for_s, rule.clear_for_s),
            severity="warning",
            alarm=messages.gpu_memory(f"GPU {card}", used_pct, rule.above_pct),
            end=f"{used_pct:.0f} % is in use now.",
            holds=False,
        ),
    )


def _gpu_temperature(spec: AlertsSpec, card: str, heat_c: float) -> tuple[Key, Seen]:
    rule = spec.gpu_temperature
    return (
        ("gpu_temperature", f"gpu{card}"),
        Seen(
            signal=level(heat_c, above=rule.above_c, clear_below=rule.clear_below_c),
            durations=Durations(rule.for_s, rule.clear_for_s),
            severity="critical",
            alarm=messages.gpu_temperature(f"GPU {card}", heat_c, rule.above_c),
            end=f"It is at {heat_c:.0f} °C now.",
            holds=False,
        ),
    )
