from __future__ import annotations

import pytest

from llama_runner_pro.config.gateway import KeySpec
from llama_runner_pro.core.errors import Saturated
from llama_runner_pro.gateway.key_limits import KeyLimits


def key(**more: int) -> KeyLimits:
    return KeyLimits(KeySpec(name="laptop", secret="0123456789", **more))


def test_a_key_without_limits_counts_only_what_runs() -> None:
    limits = key()
    for _ in range(1_000):
        limits.enter(0.0)
    assert limits.in_flight == 1_000


def test_requests_per_minute_is_a_sliding_window_that_says_when_to_come_back() -> None:
    limits = key(requests_per_minute=2)
    limits.enter(0.0)
    limits.enter(40.0)
    with pytest.raises(Saturated) as refused:
        limits.enter(50.0)
    assert refused.value.retry_after_s == pytest.approx(10.0)
    limits.enter(60.0)
    with pytest.raises(Saturated):
        limits.enter(99.0)
    limits.enter(100.0)


def test_requests_at_once_are_limited_until_one_leaves() -> None:
    limits = key(max_parallel=1)
    limits.enter(0.0)
    with pytest.raises(Saturated, match="'laptop' has 1 requests at once"):
        limits.enter(0.0)
    limits.leave()
    limits.enter(0.0)


def test_a_refused_request_does_not_count() -> None:
    limits = key(max_parallel=1, requests_per_minute=2)
    limits.enter(0.0)
    for _ in range(5):
        with pytest.raises(Saturated):
            limits.enter(1.0)
    limits.leave()
    limits.enter(2.0)
    assert limits.in_flight == 1
