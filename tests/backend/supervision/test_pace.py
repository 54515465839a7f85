"""How often very many endpoints may be checked."""

from __future__ import annotations

from llama_runner_pro.supervision.pace import CHECKS_PER_S, pace_s


def test_all_checks_together_stay_within_the_limit() -> None:
    assert 10_000 / pace_s(10_000) == CHECKS_PER_S
    assert pace_s(50) <= 1.0
