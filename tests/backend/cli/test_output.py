"""Writing to the terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

from llama_runner_pro.cli.output import aligned, coloured, paint, safe, say, say_error, say_json

if TYPE_CHECKING:
    import pytest


def test_lines_go_where_they_belong(capsys: pytest.CaptureFixture[str]) -> None:
    say("fine")
    say_error("not fine")
    printed = capsys.readouterr()
    assert printed.out == "fine\n"
    assert printed.err == "llama-runner-pro: not fine\n"


def test_json_keeps_its_characters(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"name": "größe"})
    printed = capsys.readouterr().out
    assert "größe" in printed
    assert json.loads(printed) == {"name": "größe"}


def test_no_colour_goes_into_a_file_or_a_pipe() -> None:
    assert not coloured()
    assert paint("x", "red") == "x"


def seen_on_a_terminal(**environment: str) -> bytes:
    """What a terminal gets of a red word."""
    ours, theirs = pty.openpty()
    code = "from llama_runner_pro.cli.output import *; say(paint('x', 'red'))"
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    subprocess.run(
        [sys.executable, "-c", code], stdout=theirs, env={**env, **environment}, check=True
    )
    os.close(theirs)
    seen = os.read(ours, 100)
    os.close(ours)
    return seen.strip()


def test_a_terminal_gets_colours_unless_its_user_does_not_want_them() -> None:
    assert seen_on_a_terminal(TERM="xterm") == b"\x1b[31mx\x1b[0m"
    assert seen_on_a_terminal(TERM="xterm", NO_COLOR="1") == b"x"
    assert seen_on_a_terminal(TERM="dumb") == b"x"


def test_text_from_elsewhere_cannot_steer_the_terminal() -> None:
    assert safe("a\x1b[31mb\r\x07c\u202ed\te") == "a\ufffd[31mb\ufffd\ufffdc\ufffdd\te"
    assert safe("größe … ✓") == "größe … ✓"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    rows = [("a", "1", "x"), ("long", "200", "")]
    assert aligned(rows, right=frozenset({1})) == ["a       1  x", "long  200"]
    assert aligned([]) == []
