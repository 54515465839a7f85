"""Telling work that goes on from work that is stuck. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.supervision.events import Activity
    from llama_runner_pro.supervision.probes.slots import Slots

_WORKING_SHARE = 0.1
"""Share of one core that a process uses at least while it computes; idling takes far less."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What could be seen of an endpoint's work at one moment."""

    at_s: float
    slots: Slots | None = None
    """None: it does not tell, or gives no answer."""
    cpu_s: float | None = None
    """Processor time of its whole process tree; None: no process of ours, or not looked at."""


def activity(before: Sample | None, now: Sample) -> Activity:
    """What the work in flight did between two samples.

    Stuck means that requests are in flight and that neither their counters nor the processor time
    of the process moved. Doubt counts as movement: what moves is never ended.
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
    if before is None or before.cpu_s is None or now.cpu_s is None:
        return False
    passed_s = now.at_s - before.at_s
    return passed_s > 0 and (now.cpu_s - before.cpu_s) / passed_s >= _WORKING_SHARE
