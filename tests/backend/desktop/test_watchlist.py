"""What a guard keeps of all that it hears."""

from __future__ import annotations

import subprocess
import sys

from llama_runner_pro.desktop.watchlist import LINE_LIMIT_BYTES, Watchlist

BEGIN = b'{"type":"begin"}'
GUARDED = b'{"type":"guarded","name":"a"}'
FAREWELL = b'{"type":"farewell","leave":true}'
LOADED_AT_THE_END = ("asyncio", "logging", "msgspec", "psutil")


def heard(*lines: bytes | None) -> Watchlist:
    watchlist = Watchlist()
    watchlist.listen(lines)
    return watchlist


def test_the_last_word_about_a_process_counts() -> None:
    later = b'{"type":"guarded","name":"a","record":{}}'
    assert heard(BEGIN, GUARDED, later).guarded == {"a": later}
    assert heard(BEGIN, GUARDED, b'{"type":"dropped","name":"a"}').guarded == {}


def test_after_a_farewell_nothing_is_listened_to() -> None:
    watchlist = heard(BEGIN, FAREWELL, GUARDED)
    assert (watchlist.farewell, watchlist.guarded) == (FAREWELL, {})


def test_what_makes_no_sense_is_counted_and_changes_nothing() -> None:
    strange = (None, b"", b"what?", b"[]", b"{}", b"\xff", b'{"type":"guarded","name":["a"]}')
    watchlist = heard(BEGIN, GUARDED, *strange, b"[" * LINE_LIMIT_BYTES)
    assert watchlist.passed_over == len(strange) + 1
    assert watchlist.guarded == {"a": GUARDED}


def test_a_guard_that_waits_has_loaded_little() -> None:
    code = (
        "import sys, llama_runner_pro.cli.main, llama_runner_pro.cli.guard, "
        "llama_runner_pro.desktop.lines, llama_runner_pro.desktop.watchlist; "
        f"print(sorted(set(sys.modules) & set({LOADED_AT_THE_END!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"
