from __future__ import annotations

import pytest

from llama_runner_pro.core.value_object import ValueObject


class Place(ValueObject, frozen=True):
    """A record as other modules make them."""

    host: str
    port: int = 80


def test_records_with_the_same_members_are_equal_and_hashed_alike() -> None:
    assert Place("a") == Place("a", 80)
    assert len({Place("a"), Place("a"), Place("b")}) == 2


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Place("a").port = 81


def test_a_record_shows_its_members() -> None:
    assert repr(Place("a")) == "Place(host='a', port=80)"
