"""Lines from a real pipe."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.desktop.lines import follow, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends; the writing one may be closed in between."""
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (b"", []),
        (b"one\ntwo\n", [b"one", b"two"]),
        (b"one\nno end", [b"one", b"no end"]),
        (b"\n\n", [b"", b""]),
        (b"12345678\n123456789\nshort\n", [b"12345678", None, b"short"]),
        (b"1" * 100 + b"\nshort", [None, b"short"]),
        (b"1" * 100, [None]),
    ],
)
def test_lines_are_cut_and_overlong_ones_passed_over(
    written: bytes, lines: list[bytes | None]
) -> None:
    with pipe() as (reading, writing):
        os.write(writing, written)
        os.close(writing)
        assert list(read_lines(reading, 8)) == lines


def test_a_line_may_come_in_pieces() -> None:
    with pipe() as (reading, writing):
        lines = read_lines(reading, 8)
        os.write(writing, b"on")
        later = threading.Timer(0.05, lambda: os.write(writing, b"e\n"))
        later.start()
        assert next(lines) == b"one"
        later.join()
        os.close(writing)


def test_an_overlong_line_is_told_before_its_end() -> None:
    with pipe() as (reading, writing):
        lines = read_lines(reading, 8)
        os.write(writing, b"1" * 20)
        assert next(lines) is None
        os.write(writing, b"1" * 20 + b"\nnext\n")
        assert next(lines) == b"next"
        os.close(writing)


def test_a_descriptor_that_is_none_is_an_end() -> None:
    with pipe() as (reading, writing):
        os.close(writing)
    assert list(read_lines(reading, 8)) == []


def test_followers_hear_each_line_and_the_end() -> None:
    heard: list[bytes | None] = []
    with pipe() as (reading, writing):
        thread = follow(reading, 8, heard=heard.append, ended=lambda: heard.append(b"the end"))
        os.write(writing, b"one\n")
        os.close(writing)
        thread.join(60)
    assert heard == [b"one", b"the end"]
