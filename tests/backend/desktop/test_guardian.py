"""The guard decides: end the models, or leave them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.children import NONCE, Launcher
from fakes.clock import FakeClock

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.desktop.guard_words import (
    Begin,
    Dropped,
    Farewell,
    Guarded,
    Starting,
    encoded,
)
from llama_runner_pro.desktop.guardian import Wishes, end_models, must_end, settle, wishes_of
from llama_runner_pro.desktop.watchlist import Watchlist
from llama_runner_pro.supervision.process.identity import Identity, identify
from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start
from tests.tools.loopback import alive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAY = "import time; print('ready', flush=True); time.sleep(60)"
GONE = Identity(pid=2**22 + 5, create_time=1.0, exe="", command_hash="")
RECORD = ProcessRecord(identity=GONE, nonce="nobody")


@pytest.fixture
def window() -> Iterator[Identity]:
    """A window that lives."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        identity = identify(process.pid)
        assert identity is not None
        yield identity
        process.kill()


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.clean()


def heard(folder: Path, window: Identity, *words: bytes, keep_models: bool = False) -> Watchlist:
    """What a guard has heard by then."""
    begin = Begin(
        instance="mine",
        window=window,
        presence_file=str(folder / "sidecar.json"),
        keep_models=keep_models,
        successor_within_s=15.0,
    )
    watchlist = Watchlist()
    watchlist.listen([encoded(begin), *words])
    return watchlist


def told(folder: Path, window: Identity, *words: bytes, keep_models: bool = False) -> Wishes:
    """What a guard knows that has one process to end, and then heard these lines."""
    one = encoded(Guarded(name="a", record=RECORD))
    return wishes_of(heard(folder, window, one, *words, keep_models=keep_models))


async def test_with_the_window_gone_the_models_end_at_once(tmp_path: Path) -> None:
    clock = FakeClock()
    assert await must_end(told(tmp_path, GONE), clock)
    assert clock.monotonic() == 0


async def test_a_living_window_has_time_to_start_the_next_sidecar(
    tmp_path: Path, window: Identity
) -> None:
    clock = FakeClock()
    deciding = asyncio.ensure_future(must_end(told(tmp_path, window), clock))
    await clock.advance(14.5)
    assert not deciding.done()
    await clock.advance(1.0)
    assert await deciding


async def test_models_that_the_next_sidecar_takes_over_go_on(
    tmp_path: Path, window: Identity
) -> None:
    clock, presence = FakeClock(), tmp_path / "sidecar.json"
    presence.write_text(json.dumps({"pid": 1, "instance": "mine"}))
    deciding = asyncio.ensure_future(must_end(told(tmp_path, window), clock))
    await clock.advance(5.0)
    assert not deciding.done()
    presence.write_text(json.dumps({"pid": 1, "instance": "the next"}))
    await clock.advance(1.0)
    assert not await deciding


async def test_a_sidecar_that_took_over_counts_even_without_a_window(tmp_path: Path) -> None:
    (tmp_path / "sidecar.json").write_text(json.dumps({"pid": 1, "instance": "the next"}))
    assert not await must_end(told(tmp_path, GONE), FakeClock())


@pytest.mark.parametrize("leave", [True, False])
async def test_a_farewell_says_what_becomes_of_the_models(tmp_path: Path, leave: bool) -> None:
    wishes = told(tmp_path, GONE, encoded(Farewell(leave=leave)))
    assert await must_end(wishes, FakeClock()) is not leave


async def test_models_that_are_to_be_kept_are(tmp_path: Path) -> None:
    assert not await must_end(told(tmp_path, GONE, keep_models=True), FakeClock())


async def test_what_ended_before_is_forgotten(tmp_path: Path) -> None:
    assert not await must_end(told(tmp_path, GONE, encoded(Dropped(name="a"))), FakeClock())


async def test_a_guard_that_was_told_nothing_ends_nothing() -> None:
    assert not await must_end(wishes_of(Watchlist()), FakeClock())


async def test_lines_that_make_no_sense_change_nothing(tmp_path: Path) -> None:
    broken = b'{"type":"guarded","name":"b","record":7}'
    wishes = told(tmp_path, GONE, b"what?", b"{}", b"\xff", broken)
    assert set(wishes.records) == {"a"}
    assert await must_end(wishes, FakeClock())


async def test_only_what_is_proven_ours_is_ended(launcher: Launcher) -> None:
    ours = await launcher.python(STAY)
    other = await launcher.run(
        sys.executable, "-c", "import time; time.sleep(60)", nonce="somebody-else"
    )
    changed = Identity(
        pid=other.pid,
        create_time=other.identity.create_time - 5,
        exe=other.identity.exe,
        command_hash=other.identity.command_hash,
    )
    records = {
        "ours": ProcessRecord(identity=ours.identity, nonce=NONCE),
        "reused": ProcessRecord(identity=changed, nonce="gone"),
    }
    assert sorted(await end_models(records, SystemClock())) == ["ours", "reused"]
    assert not alive(ours.pid)
    assert alive(other.pid)


async def test_the_process_of_a_start_that_was_cut_short_is_ended(
    tmp_path: Path, launcher: Launcher
) -> None:
    ours = await launcher.python(STAY)
    other = await launcher.run(
        sys.executable, "-c", "import time; time.sleep(60)", nonce="somebody-else"
    )
    starts = [
        Starting(name="b", start=Start(nonce=NONCE)),
        Starting(name="c", start=Start(nonce="of a start without a process")),
    ]
    watchlist = heard(tmp_path, GONE, *(encoded(one) for one in starts))
    assert await asyncio.to_thread(settle, watchlist, SystemClock()) == ["b"]
    assert not alive(ours.pid)
    assert alive(other.pid)


async def test_a_start_that_came_to_its_process_or_to_nothing_is_not_looked_for(
    tmp_path: Path,
) -> None:
    words = [
        Starting(name="a", start=Start(nonce=NONCE)),
        Guarded(name="a", record=RECORD),
        Starting(name="b", start=Start(nonce=NONCE)),
        Dropped(name="b"),
    ]
    wishes = wishes_of(heard(tmp_path, GONE, *(encoded(word) for word in words)))
    assert set(wishes.records) == {"a"}
    assert not wishes.starting
