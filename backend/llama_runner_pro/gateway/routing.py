"""Which server gets a request, or what has to happen first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llama_runner_pro.core.errors import BreakerOpen, GatewayError, LoadFailed, NoUpstream
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Sequence

Phase = Literal["ready", "coming", "loadable", "down"]
"""`coming`: it will serve without anybody asking. `down`: nobody here can change that it is not
reached."""
Gate = Literal["passes", "held", "forced"]
"""What its breaker says: go, wait for a trial, or no by hand."""
Wanted = Literal["slot", "server", "trial"]


class Candidate(ValueObject, frozen=True):
    """One server that could take a request, as it stands now."""

    endpoint: str
    phase: Phase
    gate: Gate = "passes"
    free: int = 1
    in_flight: int = 0
    """Of all models on that server."""
    cooling_s: float = 0.0
    """Time for which its last failed load is not repeated."""
    retry_s: float | None = None
    """When to look at it again at the latest; None: when something of it changes."""
    doubted: bool = False
    """Nobody answered there a moment ago, and nothing has been heard of it since."""
    reason: str | None = None
    """Why it is not ready, in words."""


class Go(ValueObject, frozen=True):
    """Send it to `candidates[index]`."""

    index: int


class Load(ValueObject, frozen=True):
    """Have `candidates[index]` started; it waits until then."""

    index: int


class Hold(ValueObject, frozen=True):
    """It waits: for a slot, for a server that comes up, or for a breaker's trial."""

    wanted: Wanted
    retry_s: float | None = None
    """When to look again at the latest; None: when something changes."""


Choice = Go | Load | Hold | GatewayError


def choose(
    model: str,
    candidates: Sequence[Candidate],
    *,
    home: str | None = None,
    avoid: frozenset[str] = frozenset(),
) -> Choice:
    """Whom to send a request to. The candidates stand in the order of preference.

    First `home`, which served this conversation before and may still hold what it read; else
    whoever has the least to do, the preferred one among equals. Servers in `avoid` get it only
    when there is no other, and not before they were heard of. An error as the answer means that
    waiting is useless.
    """
    if avoid:
        candidates = _without(candidates, avoid)
    best: tuple[tuple[bool, int, int], int] | None = None
    for index, one in enumerate(candidates):
        if one.phase != "ready" or one.gate != "passes" or one.free <= 0:
            continue
        rank = (one.endpoint != home, one.in_flight, index)
        if best is None or rank < best[0]:
            best = rank, index
    if best is not None:
        return Go(best[1])
    return _instead(model, candidates)


def _without(candidates: Sequence[Candidate], avoid: frozenset[str]) -> Sequence[Candidate]:
    """The candidates, those to be avoided made unfit. Their places stay."""
    others = any(one.endpoint not in avoid and one.phase != "down" for one in candidates)
    return [
        one if one.endpoint not in avoid else _avoided(one, others=others) for one in candidates
    ]


def _avoided(one: Candidate, *, others: bool) -> Candidate:
    if others:
        return Candidate(one.endpoint, "down", reason="it failed this request already")
    if one.doubted and one.phase == "ready":
        return Candidate(one.endpoint, "coming")
    return one


def _instead(model: str, candidates: Sequence[Candidate]) -> Choice:
    """Nobody can take it now: wait, load, or give up with the reason."""
    ready = [one for one in candidates if one.phase == "ready"]
    held = [one for one in ready if one.gate == "held"]
    retry_s = min((one.retry_s for one in candidates if one.retry_s is not None), default=None)
    if any(one.gate == "passes" for one in ready):
        return Hold("slot", retry_s)
    if any(one.phase == "coming" for one in candidates):
        return Hold("server", retry_s)
    for index, one in enumerate(candidates):
        if one.phase == "loadable" and one.cooling_s <= 0:
            return Load(index)
    if held:
        return Hold("trial", retry_s)
    return _hopeless(model, candidates, ready)


def _hopeless(
    model: str, candidates: Sequence[Candidate], forced: Sequence[Candidate]
) -> GatewayError:
    cooling = [one for one in candidates if one.phase == "loadable"]
    if cooling:
        soonest = min(cooling, key=lambda one: one.cooling_s)
        why = soonest.reason or "it could not be loaded"
        return LoadFailed(f"{soonest.endpoint}: {why}", soonest.cooling_s)
    if forced:
        names = ", ".join(one.endpoint for one in forced)
        return BreakerOpen(f"requests to {names} are held back by hand")
    reasons = [f"{one.endpoint}: {one.reason or 'it is not running'}" for one in candidates]
    return NoUpstream(model, "; ".join(reasons) or "no endpoint serves it")
