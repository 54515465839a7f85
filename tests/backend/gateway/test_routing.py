"""Whom a request is sent to, or what has to happen first: the whole table."""

from __future__ import annotations

import random

import pytest

from llama_runner_pro.core.errors import BreakerOpen, GatewayError, LoadFailed, NoUpstream
from llama_runner_pro.gateway.routing import Candidate, Go, Hold, Load, choose

READY = Candidate("a", "ready")


def ready(name: str, **more: object) -> Candidate:
    return Candidate(name, "ready", **more)  # type: ignore[arg-type]


def cold(name: str, **more: object) -> Candidate:
    return Candidate(name, "loadable", **more)  # type: ignore[arg-type]


CHOICES = [
    ("the preferred one among equals", [ready("a"), ready("b")], Go(0)),
    ("the one with less to do", [ready("a", in_flight=2), ready("b", in_flight=1)], Go(1)),
    ("not one that is full", [ready("a", free=0), ready("b", in_flight=9)], Go(1)),
    ("not one whose breaker is open", [ready("a", gate="held"), ready("b")], Go(1)),
    ("one that is up before one that would be loaded", [cold("a"), ready("b")], Go(1)),
    ("wait for a slot rather than load another", [ready("a", free=0), cold("b")], Hold("slot")),
    (
        "look again when a busy one may be asked again",
        [ready("a", free=0, retry_s=7.0), ready("b", free=0, retry_s=5.0)],
        Hold("slot", 5.0),
    ),
    (
        "wait for one that comes up rather than load another",
        [cold("a"), Candidate("b", "coming")],
        Hold("server"),
    ),
    ("load the preferred one", [cold("a"), cold("b")], Load(0)),
    ("not one that failed to load a moment ago", [cold("a", cooling_s=3.0), cold("b")], Load(1)),
    ("load another while a breaker is open", [ready("a", gate="held"), cold("b")], Load(1)),
    ("wait for its trial", [ready("a", gate="held", retry_s=9.0)], Hold("trial", 9.0)),
    ("wait for a trial that runs", [ready("a", gate="held")], Hold("trial")),
    (
        "wait for the trial though another is closed by hand",
        [ready("a", gate="forced"), ready("b", gate="held")],
        Hold("trial"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("candidates", "choice"), [row[1:] for row in CHOICES],
                         ids=[row[0] for row in CHOICES])  # fmt: skip
def test_choice(candidates: list[Candidate], choice: object) -> None:
    assert choose("m", candidates) == choice


HOPELESS = [
    ([], NoUpstream, "m: no endpoint serves it"),
    ([Candidate("a", "down", reason="it is disabled")], NoUpstream, "m: a: it is disabled"),
    ([Candidate("a", "down")], NoUpstream, "m: a: it is not running"),
    ([ready("a", gate="forced")], BreakerOpen, "requests to a are held back by hand"),
    ([cold("a", cooling_s=7.0, reason="no memory")], LoadFailed, "a: no memory"),
    ([cold("a", cooling_s=7.0), cold("b", cooling_s=2.0)], LoadFailed, "b: it could not be loaded"),
    ([cold("a", cooling_s=7.0), ready("b", gate="forced")], LoadFailed, "a: it could"),
]


@pytest.mark.parametrize(("candidates", "kind", "words"), HOPELESS)
def test_waiting_is_useless(
    candidates: list[Candidate], kind: type[GatewayError], words: str
) -> None:
    found = choose("m", candidates)
    assert isinstance(found, kind)
    assert str(found).startswith(words)


def test_the_soonest_end_of_a_cooldown_is_when_to_ask_again() -> None:
    found = choose("m", [cold("a", cooling_s=7.0), cold("b", cooling_s=2.0)])
    assert isinstance(found, LoadFailed)
    assert found.retry_after_s == 2.0


class TestHome:
    def test_a_conversation_goes_where_it_was(self) -> None:
        both = [ready("a"), ready("b", in_flight=5)]
        assert choose("m", both, home="b") == Go(1)

    @pytest.mark.parametrize("home", [ready("b", free=0), ready("b", gate="held"), cold("b")])
    def test_unless_that_one_cannot_take_it(self, home: Candidate) -> None:
        assert choose("m", [ready("a"), home], home="b") == Go(0)


class TestAvoid:
    def test_another_one_takes_it(self) -> None:
        assert choose("m", [ready("a"), ready("b")], avoid=frozenset("a")) == Go(1)

    def test_another_one_is_waited_for(self) -> None:
        rest = [ready("a"), Candidate("b", "coming")]
        assert choose("m", rest, avoid=frozenset("a")) == Hold("server")

    def test_the_only_one_gets_it_again_once_it_was_heard_of(self) -> None:
        doubted = [ready("a", doubted=True), Candidate("b", "down")]
        assert choose("m", doubted, avoid=frozenset("a")) == Hold("server")
        assert choose("m", [ready("a")], avoid=frozenset("a")) == Go(0)

    def test_doubt_holds_nobody_else_back(self) -> None:
        assert choose("m", [ready("a", doubted=True)]) == Go(0)


@pytest.mark.parametrize("seed", range(300))
def test_nobody_is_sent_where_he_cannot_be_served(seed: int) -> None:
    dice = random.Random(seed)
    candidates = [
        Candidate(
            name,
            dice.choice(["ready", "ready", "coming", "loadable", "down"]),
            dice.choice(["passes", "passes", "held", "forced"]),
            dice.randint(0, 2),
            dice.randint(0, 5),
            dice.choice([0.0, 0.0, 5.0]),
            dice.choice([None, 3.0]),
            dice.random() < 0.3,
        )
        for name in "abcd"[: dice.randint(1, 4)]
    ]
    avoid = frozenset(name for name in "abcd" if dice.random() < 0.2)
    choice = choose("m", candidates, home=dice.choice("abcdx"), avoid=avoid)
    if isinstance(choice, Go):
        chosen = candidates[choice.index]
        assert (chosen.phase, chosen.gate) == ("ready", "passes")
        assert chosen.free > 0
        assert chosen.endpoint not in avoid or all(
            one.endpoint in avoid or one.phase == "down" for one in candidates
        )
    elif isinstance(choice, Load):
        assert candidates[choice.index].phase == "loadable"
        assert candidates[choice.index].cooling_s <= 0
    elif isinstance(choice, Hold):
        assert any(one.phase in ("ready", "coming") for one in candidates)
    else:
        assert not any(one.phase == "coming" and one.endpoint not in avoid for one in candidates)
