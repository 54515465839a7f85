"""How the end is asked for."""

from __future__ import annotations

from fakes.clock import FakeClock

from llama_runner_pro.core.leaving import Leaving


def test_whoever_listens_is_told_each_time() -> None:
    leaving, told = Leaving(FakeClock()), []
    leaving.listen(lambda: told.append("early"))
    assert not leaving.asked
    leaving.ask()
    leaving.ask()
    leaving.listen(lambda: told.append("late"))
    assert leaving.asked
    assert told == ["early", "early", "late"]


def test_the_first_to_ask_decides_about_the_models() -> None:
    leaving = Leaving(FakeClock(), keep_models=True)
    leaving.ask(keep_models=False)
    leaving.ask(keep_models=True)
    assert not leaving.keep_models


def test_a_later_wish_to_end_the_models_wins_over_one_to_keep_them() -> None:
    leaving = Leaving(FakeClock())
    leaving.ask(keep_models=True)
    leaving.ask()
    assert leaving.keep_models
    leaving.ask(keep_models=False)
    assert not leaving.keep_models


def test_without_a_word_about_them_it_is_as_it_was_started() -> None:
    leaving = Leaving(FakeClock(), keep_models=True)
    leaving.ask()
    assert leaving.keep_models


def test_the_models_have_what_is_left_of_the_deadline() -> None:
    clock = FakeClock()
    leaving = Leaving(clock)
    leaving.ask(within_s=8.0)
    assert leaving.models_within_s() == 7.5
    clock.skip(3.0)
    assert leaving.models_within_s() == 4.5
    clock.skip(60.0)
    assert leaving.models_within_s() == 1.0


def test_models_never_have_more_than_8_s() -> None:
    leaving = Leaving(FakeClock())
    leaving.ask(within_s=100.0)
    assert leaving.models_within_s() == 8.0
