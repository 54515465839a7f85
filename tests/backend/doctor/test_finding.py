"""The result of a check."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.doctor.finding import Finding, fail, healthy, ok, warn


def test_a_warning_is_healthy_and_a_failure_is_not() -> None:
    fine, doubtful = ok("a", "well"), warn("b", "old", fix="renew it")
    assert healthy([fine, doubtful])
    assert not healthy([fine, fail("c", "broken", fix="mend it")])


def test_a_place_is_told_as_text() -> None:
    assert fail("a", "broken", 8585, fix="x").where == "8585"


@pytest.mark.parametrize("make", [warn, fail])
def test_who_complains_must_say_what_to_do(make: object) -> None:
    with pytest.raises(TypeError):
        make("a", "broken")  # type: ignore[operator]


def test_a_finding_survives_as_json() -> None:
    finding = warn("a", "old", "here", fix="renew it")
    assert msgspec.json.decode(msgspec.json.encode(finding), type=Finding) == finding
