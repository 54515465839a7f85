"""Log lines over a real pipe."""

from __future__ import annotations

import os

from llama_runner_pro.desktop.log_pipe import LogPipe


def test_lines_come_out_in_order() -> None:
    reading, writing = os.pipe()
    pipe = LogPipe(writing)
    for number in range(100):
        pipe.write(f"{number}\n")
    pipe.drain(10)
    os.close(writing)
    with os.fdopen(reading) as lines:
        assert lines.read() == "".join(f"{number}\n" for number in range(100))


def test_a_window_that_does_not_read_holds_nobody_up() -> None:
    reading, writing = os.pipe()
    pipe = LogPipe(writing)
    for _ in range(3_000):
        pipe.write("x" * 999 + "\n")
    assert pipe.dropped > 0
    pipe.drain(0.01)
    got = 0
    while got < 1_000 * (3_000 - pipe.dropped):
        got += len(os.read(reading, 1_000_000))
    pipe.drain(10)
    os.close(writing)
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_a_window_that_is_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    pipe = LogPipe(writing)
    pipe.write("one\n")
    pipe.drain(10)
    pipe.write("two\n")
    assert pipe.drain(10)
    assert pipe.dropped == 1
    os.close(writing)


def test_a_drain_waits_for_the_line_before_it() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    pipe = LogPipe(writing)
    for number in range(2_000):
        pipe.write(f"{number}\n")
        assert pipe.drain(10)
        assert os.read(reading, 100) == f"{number}\n".encode()
    os.close(writing)
    os.close(reading)
