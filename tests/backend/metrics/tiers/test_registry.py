"""Numbers of series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.recording import field

from llama_runner_pro.metrics.tiers.database import open_writer
from llama_runner_pro.metrics.tiers.registry import Registry, layout_bytes, layout_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    found = open_writer(tmp_path / "history.db")
    yield found
    found.close()


def test_a_series_keeps_its_number_over_a_restart(connection: sqlite3.Connection) -> None:
    registry = Registry(connection)
    registry.declare([field("a"), field("b")])
    first = registry.numbered({"b": 1.0, "a": None}, 5)
    registry.numbered({"a": 1.0}, 6)
    again = Registry(connection)
    again.declare([field("a"), field("b")])
    assert again.numbered({"b": 2.0}, 7).keys() == first.keys()


def test_only_declared_fields_are_recorded(connection: sqlite3.Connection) -> None:
    assert Registry(connection).numbered({"a": 1.0}, 5) == {}


def test_more_series_than_allowed_are_refused_and_counted(connection: sqlite3.Connection) -> None:
    registry = Registry(connection, most=2)
    registry.declare([field(name) for name in "abcd"])
    assert len(registry.numbered(dict.fromkeys("abcd", 1.0), 5)) == 2
    assert len(registry.refused) == 2
    registry.declare([field(name) for name in "ab"])
    assert registry.refused == set()


def test_a_series_that_is_gone_for_long_makes_room(connection: sqlite3.Connection) -> None:
    registry = Registry(connection, most=1)
    registry.declare([field("a")])
    registry.numbered({"a": 1.0}, 5)
    registry.declare([field("b")])
    registry.forget(5)
    assert registry.numbered({"b": 1.0}, 6) == {}
    registry.forget(6)
    assert len(registry.numbered({"b": 1.0}, 7)) == 1


def test_a_changed_label_is_taken_over(connection: sqlite3.Connection) -> None:
    registry = Registry(connection)
    registry.declare([field("a")])
    registry.numbered({"a": 1.0}, 5)
    connection.execute("UPDATE series SET label = 'old'")
    registry.declare([field("a")])
    assert connection.execute("SELECT label FROM series").fetchone() == ("A",)


def test_an_order_of_series_has_one_number(connection: sqlite3.Connection) -> None:
    registry = Registry(connection)
    assert registry.layout((1, 2, 300)) == registry.layout((1, 2, 300)) != registry.layout((1,))
    assert layout_of(layout_bytes((1, 2, 300))) == (1, 2, 300)
