"""What goes so that another can come: as little as possible, and never what works."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from llama_runner_pro.gateway.eviction import Group, Plan, Refuse, Runner, Start, Wait, World, plan

GIB = 1024**3


def up(name: str, **more: object) -> Runner:
    return Runner(name, running=True, **more)  # type: ignore[arg-type]


def world(*runners: Runner, **more: object) -> World:
    return World(runners, **more)  # type: ignore[arg-type]


class TestCount:
    def test_with_room_nobody_goes(self) -> None:
        assert plan(world(up("a"), Runner("x"), max_running=2), "x") == Start()

    def test_the_longest_idle_goes(self) -> None:
        runners = up("a", last_used_s=5.0), up("b", last_used_s=3.0), Runner("x")
        assert plan(world(*runners, max_running=2), "x") == Start(("b",))

    def test_what_works_is_waited_for(self) -> None:
        found = plan(world(up("a", busy=True), Runner("x"), max_running=1), "x")
        assert found == Wait(("a",), "only 1 may run at once; waiting for a")

    def test_what_is_pinned_or_not_ours_is_never_waited_for(self) -> None:
        for one in (up("a", pinned=True), up("a", removable=False)):
            found = plan(world(one, Runner("x"), max_running=1), "x")
            assert found == Refuse("only 1 may run at once")

    def test_what_runs_already_needs_no_place(self) -> None:
        assert plan(world(up("x"), max_running=1), "x") == Start()

    def test_a_group_has_its_own_limit(self) -> None:
        pair = (Group("gpu", frozenset("ax"), 1),)
        runners = up("a", last_used_s=9.0), up("b", last_used_s=1.0), Runner("x")
        assert plan(world(*runners, groups=pair), "x") == Start(("a",))
        assert plan(world(up("a"), up("b"), Runner("y"), groups=pair), "y") == Start()

    def test_nobody_goes_in_vain(self) -> None:
        both = (Group("gpu", frozenset("bx"), 1),)
        runners = up("a", last_used_s=1.0), up("b", last_used_s=9.0), Runner("x")
        assert plan(world(*runners, groups=both, max_running=2), "x") == Start(("b",))


class TestMemory:
    def test_as_many_go_as_their_memory_is_needed(self) -> None:
        runners = (
            up("a", last_used_s=1.0, memory_bytes=GIB),
            up("b", last_used_s=2.0, memory_bytes=4 * GIB),
            Runner("x", memory_bytes=5 * GIB, learned=True),
        )
        assert plan(world(*runners, free_bytes=2 * GIB), "x") == Start(("b",))
        assert plan(world(*runners, free_bytes=GIB // 2), "x") == Start(("a", "b"))

    def test_the_reserve_stays_free_beside_others(self) -> None:
        runners = up("a", memory_bytes=GIB), Runner("x", memory_bytes=2 * GIB, learned=True)
        tight = world(*runners, free_bytes=2 * GIB, reserve_bytes=GIB)
        assert plan(tight, "x") == Start(("a",))

    def test_graphics_memory_counts_for_itself(self) -> None:
        runners = (
            up("a", gpu_memory_bytes=6 * GIB, memory_bytes=1),
            Runner("x", gpu_memory_bytes=5 * GIB, memory_bytes=1, learned=True),
        )
        card = world(*runners, free_bytes=99 * GIB, free_gpu_bytes=2 * GIB)
        assert plan(card, "x") == Start(("a",))

    def test_what_nobody_knows_keeps_nobody_out(self) -> None:
        assert plan(world(up("a"), Runner("x"), free_bytes=1), "x") == Start()
        runners = up("a"), Runner("x", memory_bytes=GIB, learned=True)
        assert plan(world(*runners), "x") == Start()

    def test_a_guess_has_others_go_but_does_not_keep_it_from_being_tried(self) -> None:
        runners = up("a", memory_bytes=GIB), Runner("x", memory_bytes=9 * GIB)
        assert plan(world(*runners, free_bytes=GIB), "x") == Start(("a",))

    def test_what_was_measured_and_never_fits_is_refused_with_the_amounts(self) -> None:
        big = Runner("x", memory_bytes=9 * GIB, learned=True)
        assert plan(world(big, free_bytes=300 * 1024**2), "x") == Refuse(
            "it needs about 9.0 GiB of memory, 300 MiB are free"
        )
        beside = world(big, up("a", pinned=True), free_bytes=9 * GIB, reserve_bytes=GIB)
        assert plan(beside, "x") == Refuse(
            "it needs about 9.0 GiB of memory, 9.0 GiB are free, of which 1.0 GiB are to be left"
            " free"
        )


def _limits_hold(one: World, wanted: str, evict: tuple[str, ...]) -> bool:
    running = {r.name for r in one.runners if r.running and r.name not in evict} | {wanted}
    if one.max_running is not None and len(running) > one.max_running:
        return False
    return all(
        wanted not in group.members or len(running & group.members) <= group.max_running
        for group in one.groups
    )


def _random_world(dice: random.Random) -> World:
    names = "abcdefg"[: dice.randint(1, 7)]
    runners = tuple(
        Runner(
            name,
            running=dice.random() < 0.7,
            busy=dice.random() < 0.3,
            removable=dice.random() < 0.85,
            pinned=dice.random() < 0.15,
            last_used_s=dice.uniform(0, 100),
            memory_bytes=dice.choice([None, dice.randint(1, 8) * GIB]),
            gpu_memory_bytes=dice.choice([None, dice.randint(1, 8) * GIB]),
            learned=dice.random() < 0.7,
        )
        for name in (*names, "x")
    )
    runners = (*runners[:-1], replace(runners[-1], running=False, busy=False))
    groups = tuple(
        Group(
            f"g{at}",
            frozenset(one for one in (*names, "x") if dice.random() < 0.5),
            dice.randint(1, 3),
        )
        for at in range(dice.randint(0, 2))
    )
    return World(
        runners,
        groups,
        dice.choice([None, 1, 2, 3]),
        dice.choice([None, dice.randint(0, 20) * GIB]),
        dice.choice([None, dice.randint(0, 20) * GIB]),
        dice.choice([0, GIB]),
    )


def _memory_holds(one: World, evict: tuple[str, ...]) -> bool:
    by_name = {runner.name: runner for runner in one.runners}
    need = by_name["x"]
    alone = not any(r.running and r.name not in evict for r in one.runners)
    if alone and not need.learned:
        return True
    gone = [by_name[name] for name in evict]
    reserve = 0 if alone else one.reserve_bytes
    main = one.free_bytes is None or need.memory_bytes is None
    if not main:
        freed = sum(r.memory_bytes or 0 for r in gone)
        main = need.memory_bytes + reserve <= one.free_bytes + freed  # type: ignore[operator]
    card = one.free_gpu_bytes is None or need.gpu_memory_bytes is None
    if not card:
        freed = sum(r.gpu_memory_bytes or 0 for r in gone)
        card = need.gpu_memory_bytes <= one.free_gpu_bytes + freed  # type: ignore[operator]
    return main and card


@pytest.mark.parametrize("seed", range(30))
def test_in_any_world_nothing_that_works_or_is_pinned_goes_and_the_limits_hold(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(200):
        one = _random_world(dice)
        by_name = {runner.name: runner for runner in one.runners}
        found: Plan = plan(one, "x")
        if isinstance(found, Start):
            for name in found.evict:
                victim = by_name[name]
                assert victim.running
                assert victim.removable
                assert not victim.busy
                assert not victim.pinned
            assert _limits_hold(one, "x", found.evict)
            assert _memory_holds(one, found.evict)
            for name in found.evict:
                fewer = tuple(other for other in found.evict if other != name)
                spared = _limits_hold(one, "x", fewer) and _memory_holds(one, fewer)
                assert not spared, f"{name} went in vain"
        elif isinstance(found, Wait):
            assert found.until_idle
            for name in found.until_idle:
                assert by_name[name].busy
                assert by_name[name].removable
                assert not by_name[name].pinned
        else:
            everybody = tuple(
                r.name for r in one.runners if r.running and r.removable and not r.pinned
            )
            assert not (_limits_hold(one, "x", everybody) and _memory_holds(one, everybody))
            assert found.reason
