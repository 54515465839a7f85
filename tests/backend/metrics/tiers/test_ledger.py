"""Samples on their way to disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.recording import SHORT, T0_MS, field, spec

from llama_runner_pro.metrics.ranges import HistoryMark
from llama_runner_pro.metrics.tiers.database import open_reader, open_writer
from llama_runner_pro.metrics.tiers.ledger import Ledger, Sample
from llama_runner_pro.metrics.tiers.plan import tiers_of
from llama_runner_pro.metrics.tiers.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Book:
    """A ledger, and what somebody else sees of it."""

    def __init__(self, path: Path) -> None:
        self.connection, self.path = open_writer(path), path
        tiers = tiers_of(spec(*SHORT).tiers)
        self.ledger = Ledger(self.connection, tiers, Registry(self.connection))
        self.ledger.add(Sample(T0_MS, 1_000, {"a": 1.0}, [field("a"), field("b")]))

    def rows(self) -> list[int]:
        """Times on disk, since the start."""
        reader = open_reader(self.path)
        found = reader.execute("SELECT t_ms FROM finest ORDER BY t_ms").fetchall()
        reader.close()
        return [t_ms - T0_MS for (t_ms,) in found]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    found = Book(tmp_path / "history.db")
    yield found
    found.connection.close()


def test_nothing_is_on_disk_before_it_is_committed(book: Book) -> None:
    book.ledger.add(Sample(T0_MS + 1_000, 1_000, {"a": 2.0}))
    assert book.ledger.pending
    assert book.rows() == []
    book.ledger.commit()
    assert book.rows() == [0, 1_000]
    assert not book.ledger.pending


def test_samples_of_one_step_are_one_row_even_over_a_commit(book: Book) -> None:
    book.ledger.add(Sample(T0_MS + 300, 100, {"a": 2.0}))
    book.ledger.commit()
    book.ledger.add(Sample(T0_MS + 600, 100, {"a": 3.0, "b": 1.0}))
    book.ledger.commit()
    assert book.rows() == [0]


def test_a_moment_that_comes_again_is_added_to_what_is_there(book: Book) -> None:
    for at in (1_000, 2_000, 0, 1_000):
        book.ledger.add(Sample(T0_MS + at, 1_000, {"a": 2.0}))
    book.ledger.commit()
    assert book.rows() == [0, 1_000, 2_000]


def test_what_happened_is_committed_with_the_samples(book: Book) -> None:
    book.ledger.mark(HistoryMark(T0_MS, "load", "demo", "demo is ready"))
    book.ledger.commit()
    found = book.connection.execute("SELECT kind, endpoint FROM marks").fetchall()
    assert found == [("load", "demo")]


def test_what_is_dropped_leaves_no_trace_and_the_next_sample_is_kept(book: Book) -> None:
    book.ledger.drop()
    assert book.rows() == []
    book.ledger.add(Sample(T0_MS + 1_000, 1_000, {"a": 2.0}, [field("a")]))
    book.ledger.commit()
    assert book.rows() == [1_000]
