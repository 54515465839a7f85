"""What must hold between endpoints; names and ports are tested through files in test_load."""

from __future__ import annotations

from llama_runner_pro.config.together import check_dependencies
from llama_runner_pro.config.validate import Checker
from llama_runner_pro.endpoints.spec import EndpointSpec


def noted(**depends_on: tuple[str, ...]) -> list[str]:
    checker = Checker()
    placed = [
        (name, EndpointSpec(name=name, depends_on=wanted)) for name, wanted in depends_on.items()
    ]
    check_dependencies(checker, placed)
    return [problem.path for problem in checker.problems]


def test_chain_and_diamond_are_fine() -> None:
    assert noted(a=("b", "c"), b=("d",), c=("d",), d=()) == []


def test_circle_is_noted_where_it_is_closed_from_each_side() -> None:
    assert noted(a=("b",), b=("c",), c=("a",), d=("a",)) == [
        "a.depends_on[0]",
        "b.depends_on[0]",
        "c.depends_on[0]",
    ]


def test_unknown_name_is_noted_and_followed_no_further() -> None:
    assert noted(a=("b",), b=("nobody", "a")) == [
        "a.depends_on[0]",
        "b.depends_on[0]",
        "b.depends_on[1]",
    ]
