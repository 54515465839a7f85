"""Checking values one by one."""

from __future__ import annotations

import msgspec

from llama_runner_pro.config.validate import WRONG, Checker


class Inner(msgspec.Struct):
    size: int


class Outer(msgspec.Struct):
    name: str
    inner: Inner | None = None
    sizes: tuple[int, ...] = ()
    mixed: int | str = 0


def test_sound_members_are_converted_and_wrong_ones_left_out() -> None:
    checker = Checker()
    sound = checker.object_fields(Outer, {"name": 1, "inner": {"size": 2}, "sizes": [1]}, "x")
    assert sound == {"inner": Inner(2), "sizes": (1,)}
    assert [problem.path for problem in checker.problems] == ["x.name"]


def test_every_item_of_a_list_is_checked() -> None:
    checker = Checker()
    assert checker.value(tuple[int, ...], [1, "a", 2, None], "x") is WRONG
    assert [problem.path for problem in checker.problems] == ["x[1]", "x[3]"]


def test_null_is_taken_where_it_is_allowed_only() -> None:
    checker = Checker()
    assert checker.value(Inner | None, None, "x") is None
    assert checker.value(Inner, None, "x") is WRONG


def test_one_of_several_types_is_taken() -> None:
    checker = Checker()
    assert checker.value(int | str, "a", "x") == "a"
    assert checker.value(int | str, 1.5, "x") is WRONG


def test_missing_member_is_named() -> None:
    checker = Checker()
    checker.object_fields(Outer, {}, "")
    assert [str(problem) for problem in checker.problems] == ["name: is missing (expected a text)"]


def test_fault_is_found_at_a_path_and_below_but_not_beside() -> None:
    checker = Checker()
    checker.note("a[1].b", "x")
    assert checker.faulty("a")
    assert checker.faulty("a[1]")
    assert checker.faulty("a[1].b")
    assert not checker.faulty("a[1].bc")
    assert not checker.faulty("a[10]")
