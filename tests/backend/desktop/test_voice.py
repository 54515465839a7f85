"""Events, as the window reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from llama_runner_pro.desktop.voice import PREFIX, Voice


def heard(speak: object) -> list[dict[str, object]]:
    """What a voice said."""
    reading, writing = os.pipe()
    assert callable(speak)
    speak(Voice(writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        lines = pipe.read().splitlines()
    assert all(line.startswith(PREFIX) for line in lines)
    return [json.loads(line.removeprefix(PREFIX)) for line in lines]


def test_every_event_is_one_prefixed_line() -> None:
    def speak(voice: Voice) -> None:
        voice.ready()
        voice.fatal(78, "two\nlines — ünïcode")
        voice.stopped()

    assert heard(speak) == [
        {"event": "ready"},
        {"event": "fatal", "code": 78, "text": "two\nlines — ünïcode"},
        {"event": "stopped"},
    ]


def test_listening_tells_all_that_the_window_checks() -> None:
    def speak(voice: Voice) -> None:
        voice.listening(port=8585, started_ms=5, version="1.2.3", instance="i", proof="p")
        voice.stopped()

    assert heard(speak)[:1] == [
        {
            "event": "listening",
            "protocol": 1,
            "port": 8585,
            "pid": os.getpid(),
            "started_ms": 5,
            "version": "1.2.3",
            "instance": "i",
            "proof": "p",
        }
    ]


def test_reasons_are_told_when_they_change() -> None:
    def speak(voice: Voice) -> None:
        for reasons in ([], ["a"], ["a"], ["a", "b"], []):
            voice.degraded(reasons)
        voice.stopped()

    assert [one.get("reasons") for one in heard(speak)] == [["a"], ["a", "b"], [], None]


def test_a_window_that_does_not_read_holds_nobody_up() -> None:
    reading, writing = os.pipe()
    voice = Voice(writing)
    for number in range(1_000):
        voice.degraded([f"reason {number} " + "x" * 100])
    voice.fatal(75, "the end")
    os.close(reading)
    os.close(writing)


def test_a_window_that_is_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    Voice(writing).ready()
    os.close(writing)


def test_what_others_print_goes_to_standard_error_and_children_eat_nothing() -> None:
    code = (
        "import os, subprocess\n"
        "from llama_runner_pro.desktop.voice import Voice, own_pipes\n"
        "source, sink = own_pipes()\n"
        "print('printed', flush=True)\n"
        "subprocess.run(['cat'])\n"
        "Voice(sink).stopped()\n"
        "os.write(2, os.read(source, 100))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"ours", capture_output=True, timeout=120, check=True
    )
    assert done.stdout == PREFIX + b'{"event":"stopped"}\n'
    assert done.stderr == b"printed\nours"
