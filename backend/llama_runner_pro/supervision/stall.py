"""Telling work that goes on from work that is stuck. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from llama_runner_pro.supervision.events import Activity
    from llama_runner_pro.supervision.probes.slots import Slots

_WORKING_SHARE = 0.1
"""Share of one core that a process uses at least while it computes; idling takes far less."""

_WORKING_GPU_PCT = 5.0


class Sample(ValueObject, frozen=True):
    """What could be seen of an endpoint's work at one moment."""

    at_s: float
    slots: Slots | None = None
    """None: it does not tell, or gives no answer."""
    cpu_s: float | None = None
    """Processor time of its whole process tree; None: no process of ours, or not looked at."""
    gpu_pct: float | None = None
    """What that tree used of a graphics card lately; None: nobody can tell."""


def activity(before: Sample | None, now: Sample) -> Activity:
    """What the work in flight did between two samples.

    Stuck means that requests are in flight and that their counters stand still while the process
    uses neither processor nor graphics card. Doubt counts as movement: what moves is never ended.
    """
    if now.slots is not None and now.slots.busy == 0:
        return "idle"
    computing = _computing(before, now)
    if now.slots is None:
        return "moving" if computing else "unknown"
    if computing or before is None or before.slots is None or _moved(before.slots, now.slots):
        return "moving"
    if now.cpu_s is not None and before.cpu_s is None:
        return "moving"
    return "stuck"


def _moved(before: Slots, now: Slots) -> bool:
    """Some request has come further or has ended; one that is new proves nothing (our own)."""
    return before.busy == 0 or any(mark not in now.marks for mark in before.marks)


def _computing(before: Sample | None, now: Sample) -> bool:
    if now.gpu_pct is not None and now.gpu_pct >= _WORKING_GPU_PCT:
        return True
    if before is None or before.cpu_s is None or now.cpu_s is None:
        return False
    passed_s = now.at_s - before.at_s
    return passed_s > 0 and (now.cpu_s - before.cpu_s) / passed_s >= _WORKING_SHARE
