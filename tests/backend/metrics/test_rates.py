from __future__ import annotations

from llama_runner_pro.metrics.rates import Rates, sum_known


def test_a_rate_is_growth_per_second_between_two_looks() -> None:
    rates = Rates()
    rates.per_second("a", 100, 10.0)
    assert rates.per_second("a", 150, 12.0) == 25.0


def test_the_first_look_has_no_rate() -> None:
    assert Rates().per_second("a", 100, 10.0) is None


def test_names_do_not_disturb_each_other() -> None:
    rates = Rates()
    rates.per_second("a", 0, 0.0)
    assert rates.per_second("b", 1000, 1.0) is None
    assert rates.per_second("a", 5, 1.0) == 5.0


def test_a_total_that_went_back_has_no_rate_and_counts_from_there() -> None:
    rates = Rates()
    rates.per_second("a", 1000, 0.0)
    assert rates.per_second("a", 10, 1.0) is None
    assert rates.per_second("a", 30, 2.0) == 20.0


def test_two_looks_at_the_same_moment_have_no_rate_and_lose_nothing() -> None:
    rates = Rates()
    rates.per_second("a", 0, 1.0)
    assert rates.per_second("a", 50, 1.0) is None
    assert rates.per_second("a", 50, 2.0) == 50.0


def test_no_growth_is_a_rate_of_zero() -> None:
    rates = Rates()
    rates.per_second("a", 7, 0.0)
    assert rates.per_second("a", 7, 1.0) == 0.0


def test_forgotten_names_start_over() -> None:
    rates = Rates()
    rates.per_second("a", 0, 0.0)
    rates.per_second("b", 0, 0.0)
    rates.keep({"b"})
    assert rates.per_second("a", 9, 1.0) is None
    assert rates.per_second("b", 9, 1.0) == 9.0


def test_the_sum_of_rates_leaves_out_those_that_are_not_known() -> None:
    assert sum_known([None, 2.0, 3.0]) == 5.0
    assert sum_known([None, None]) is None
    assert sum_known([]) is None
