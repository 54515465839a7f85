"""What must go so that a model can be loaded. Pure: a world in, a plan out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Runner(ValueObject, frozen=True):
    """A server of ours, as far as making room is concerned. Amounts that nobody knows are None."""

    name: str
    running: bool = False
    busy: bool = False
    """It works, loads, or ends: not to be touched now."""
    removable: bool = True
    """We may stop it, and may start it again."""
    pinned: bool = False
    last_used_s: float = 0.0
    memory_bytes: int | None = None
    gpu_memory_bytes: int | None = None
    learned: bool = False
    """The amounts were measured, not guessed from a file's size."""
    within: bool = False
    """A model within a server of several. It is no process of its own, and its server makes do
    with what room there is."""


class Group(ValueObject, frozen=True):
    """Servers of which only so many run at once."""

    name: str
    members: frozenset[str]
    max_running: int


class World(ValueObject, frozen=True):
    """Everything that a plan rests on."""

    runners: tuple[Runner, ...]
    groups: tuple[Group, ...] = ()
    max_running: int | None = None
    free_bytes: int | None = None
    free_gpu_bytes: int | None = None
    reserve_bytes: int = 0
    """Left free beside other servers."""


class Start(ValueObject, frozen=True):
    """Stop these, the longest idle first, then start it."""

    evict: tuple[str, ...] = ()


class Wait(ValueObject, frozen=True):
    """These must become idle first; they make room then."""

    until_idle: tuple[str, ...]
    reason: str


class Refuse(ValueObject, frozen=True):
    """Nothing that may be stopped would make enough room."""

    reason: str


Plan = Start | Wait | Refuse


def plan(world: World, wanted: str) -> Plan:
    """How to get `wanted` running. Busy and pinned servers are never in a `Start`."""
    idle = _by_age(one for one in _removable(world, wanted) if not one.busy)
    victims = _enough(world, wanted, idle)
    if victims is not None:
        return Start(victims)
    sometime = idle + _by_age(one for one in _removable(world, wanted) if one.busy)
    victims = _enough(world, wanted, sometime)
    why = _lacking(world, wanted, ()) or "there is no room"
    if victims is not None:
        busy = tuple(name for name in victims if name not in {one.name for one in idle})
        return Wait(busy, f"{why}; waiting for {', '.join(busy)}")
    if any(one.within for one in world.runners if one.name == wanted):
        return Start()
    return Refuse(f"{_lacking(world, wanted, tuple(one.name for one in sometime)) or why}")


def _removable(world: World, wanted: str) -> Iterable[Runner]:
    return (
        one
        for one in world.runners
        if one.running and one.removable and not one.pinned and one.name != wanted
    )


def _by_age(runners: Iterable[Runner]) -> list[Runner]:
    return sorted(runners, key=lambda one: (one.last_used_s, one.name))


def _enough(world: World, wanted: str, choice: Sequence[Runner]) -> tuple[str, ...] | None:
    """The fewest of `choice`, oldest first, whose end makes enough room; None if all do not."""
    gone: list[str] = []
    for one in choice:
        if _lacking(world, wanted, gone) is None:
            break
        gone.append(one.name)
    if _lacking(world, wanted, gone) is not None:
        return None
    # What was taken on the way to the one that mattered may stay; the youngest first.
    for name in reversed(gone[:]):
        fewer = [one for one in gone if one != name]
        if _lacking(world, wanted, fewer) is None:
            gone = fewer
    return tuple(gone)


def _lacking(world: World, wanted: str, gone: Sequence[str]) -> str | None:
    """What stands in the way of `wanted` once `gone` are stopped; None when nothing does."""
    staying = {
        one.name
        for one in world.runners
        if one.running and one.name not in gone and one.name != wanted
    }
    within = {one.name for one in world.runners if one.within}
    limit = None if wanted in within else world.max_running
    if limit is not None and len(staying - within) >= limit:
        return f"only {limit} may run at once"
    for group in world.groups:
        if wanted in group.members and len(staying & group.members) >= group.max_running:
            return f"only {group.max_running} of group {group.name} may run at once"
    return _memory_lacking(world, wanted, gone, alone=not staying)


def fits(world: World, wanted: str) -> bool:
    """As far as anybody knows or guesses, memory suffices for `wanted` now."""
    alone = not any(one.running and one.name != wanted for one in world.runners)
    return _short_of(world, wanted, (), 0 if alone else world.reserve_bytes) is None


def _memory_lacking(world: World, wanted: str, gone: Sequence[str], *, alone: bool) -> str | None:
    if alone and not any(one.learned for one in world.runners if one.name == wanted):
        # A guess must not keep a model from being tried; its engine looks before it loads.
        return None
    return _short_of(world, wanted, gone, 0 if alone else world.reserve_bytes)


def _short_of(world: World, wanted: str, gone: Sequence[str], reserve: int) -> str | None:
    by_name = {one.name: one for one in world.runners}
    need = by_name.get(wanted, Runner(wanted))
    ended = [by_name[name] for name in gone]
    free = _with(world.free_bytes, (one.memory_bytes for one in ended))
    free_gpu = _with(world.free_gpu_bytes, (one.gpu_memory_bytes for one in ended))
    return _short("memory", need.memory_bytes, free, reserve) or _short(
        "graphics memory", need.gpu_memory_bytes, free_gpu, 0
    )


def _with(free: int | None, freed: Iterable[int | None]) -> int | None:
    return None if free is None else free + sum(one or 0 for one in freed)


def _short(kind: str, need: int | None, free: int | None, reserve: int) -> str | None:
    if need is None or free is None or need + reserve <= free:
        return None
    left = f", of which {_amount(reserve)} are to be left free" if reserve else ""
    return f"it needs about {_amount(need)} of {kind}, {_amount(max(0, free))} are free{left}"


def _amount(count_bytes: int) -> str:
    mebibytes = count_bytes / 1024**2
    return f"{mebibytes / 1024:.1f} GiB" if mebibytes >= 1024 else f"{mebibytes:.0f} MiB"
