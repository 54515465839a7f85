"""What a model was seen to hold is remembered for as long as it is started in the same way."""

from __future__ import annotations

from fakes.servers import server

from llama_runner_pro.gateway.memory import Learned, MemoryBook, started_as

A = server("a")


def test_the_most_that_was_seen_counts() -> None:
    book = MemoryBook()
    for amount in (1_000, 3_000, 2_000):
        book.measured(A, amount, None)
    book.measured(A, None, 500)
    assert book.of(A) == Learned(of=started_as(A), memory_bytes=3_000, gpu_memory_bytes=500)


def test_small_changes_are_not_worth_a_write() -> None:
    kept: list[dict[str, Learned]] = []
    book = MemoryBook({}, kept.append)
    book.measured(A, 1_000, None)
    book.measured(A, 1_040, None)
    book.measured(A, 1_060, None)
    assert [one["a"].memory_bytes for one in kept] == [1_000, 1_060]


def test_nothing_measured_is_nothing_learned() -> None:
    kept: list[dict[str, Learned]] = []
    book = MemoryBook({}, kept.append)
    book.measured(A, None, None)
    book.measured(A, 0, 0)
    assert (book.of(A), kept) == (None, [])


def test_other_parameters_need_other_amounts() -> None:
    book = MemoryBook()
    book.measured(A, 1_000, None)
    other = server("a", parameters={"ctx-size": 9})
    assert book.of(other) is None
    book.measured(other, 10, None)
    found = book.of(other)
    assert found is not None
    assert found.memory_bytes == 10
