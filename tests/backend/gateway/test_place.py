"""What fails to load is left alone for longer and longer, until it loads."""

from __future__ import annotations

from llama_runner_pro.gateway.place import COOLING_MAX_S, COOLING_S, Place


def test_each_failure_cools_longer_up_to_a_limit() -> None:
    place, waits = Place(), []
    for _ in range(8):
        place.load_failed("no room", 0.0)
        waits.append(place.cooling_until_s)
    assert waits[:3] == [COOLING_S, 2 * COOLING_S, 4 * COOLING_S]
    assert waits[-1] == COOLING_MAX_S
    assert place.failure == "no room"


def test_a_load_that_succeeds_forgives_all() -> None:
    place = Place()
    place.load_failed("no room", 0.0)
    place.loaded()
    assert (place.failures, place.failure) == (0, None)
    assert place.cooling_until_s < 0
