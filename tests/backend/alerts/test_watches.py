"""Conditions under watch."""

from __future__ import annotations

from msgspec.structs import replace

from llama_runner_pro.alerts.messages import Text
from llama_runner_pro.alerts.rules import Durations
from llama_runner_pro.alerts.watches import Ended, Key, Raised, Seen, Watches

KEY: Key = ("endpoint_failed", "demo")
HOT = Seen(
    signal="hot",
    durations=Durations(for_s=30, clear_for_s=10),
    severity="critical",
    alarm=Text("demo has failed", "It gave up."),
    end="It serves again.",
)
COOL = replace(HOT, signal="cool")


def test_a_state_that_lasts_is_an_alarm_when_its_time_has_come() -> None:
    watches = Watches(())
    assert watches.feed(KEY, HOT, 100) == []
    assert watches.due_s() == 130
    assert watches.review(129) == []
    assert watches.review(130) == [Raised(KEY, HOT)]
    assert watches.due_s() is None


def test_a_sample_says_nothing_about_the_time_after_it() -> None:
    watches = Watches(())
    sample = replace(HOT, holds=False)
    watches.feed(KEY, sample, 100)
    assert watches.due_s() is None
    assert watches.review(1000) == []
    assert watches.feed(KEY, sample, 131) == [Raised(KEY, sample)]


def test_an_alarm_from_before_a_restart_is_not_raised_again_but_ends() -> None:
    watches = Watches([KEY])
    assert watches.feed(KEY, HOT, 0) == []
    assert watches.review(1000) == []
    watches.feed(KEY, COOL, 1000)
    assert watches.due_s() == 1010
    assert watches.review(1010) == [Ended(KEY, "recovered", "It serves again.")]
    assert list(watches) == []


def test_what_is_withdrawn_ends_only_if_it_was_an_alarm() -> None:
    watches = Watches(())
    watches.feed(KEY, HOT, 0)
    assert watches.withdraw(KEY, "It is gone.") == []
    assert watches.due_s() is None
    watches.feed(KEY, HOT, 0)
    watches.feed(KEY, HOT, 30)
    watches.feed(KEY, COOL, 31)
    assert watches.withdraw(KEY, "It is gone.") == [Ended(KEY, "withdrawn", "It is gone.")]


def test_each_condition_is_watched_on_its_own() -> None:
    watches = Watches(())
    other: Key = ("endpoint_failed", "other")
    watches.feed(KEY, HOT, 0)
    watches.feed(other, HOT, 10)
    assert watches.review(30) == [Raised(KEY, HOT)]
    assert watches.due_s() == 40
    assert set(watches) == {KEY, other}
