"""Running sidecars and the holders of ports, on real processes."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import TYPE_CHECKING

import psutil
import pytest
from fakes.api_world import World, serving

from llama_runner_pro.api.auth import Gate
from llama_runner_pro.config.lock import hold_folder
from llama_runner_pro.config.paths import DataPaths
from llama_runner_pro.doctor.sidecars import port_uses, recorded, serves, sidecar_of
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.process.identity import identify
from llama_runner_pro.supervision.process.state_file import ProcessRecord, StateFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    found = DataPaths(tmp_path / "data")
    found.create()
    return found


def announce(paths: DataPaths, port: int) -> None:
    """Leave the note that a running sidecar leaves."""
    note = {"pid": os.getpid(), "host": "127.0.0.1", "port": port, "instance": "x"}
    paths.presence_file.write_text(json.dumps(note))


def test_a_folder_that_nobody_holds_has_no_sidecar(paths: DataPaths) -> None:
    announce(paths, 1)  # left by one that was killed
    assert not sidecar_of(paths).runs
    paths.lock_file.touch()
    assert not sidecar_of(paths).runs


def test_looking_at_a_folder_that_is_not_there_makes_none(tmp_path: Path) -> None:
    assert not sidecar_of(DataPaths(tmp_path / "none")).runs
    assert not (tmp_path / "none").exists()


async def test_a_sidecar_that_answers_is_recognised(paths: DataPaths, tmp_path: Path) -> None:
    async with serving(World(tmp_path).app()) as port:
        announce(paths, port)
        with hold_folder(paths.lock_file, paths.presence_file):
            found = await asyncio.to_thread(sidecar_of, paths)
    assert (found.runs, found.pid, found.port, found.answers) == (True, os.getpid(), port, True)


async def test_one_that_wants_the_token_for_everything_is_shown_it(
    paths: DataPaths, tmp_path: Path
) -> None:
    world, token = World(tmp_path), "t" * 43
    world.gate = Gate(token, world.clock, everything=True)
    async with serving(world.app()) as port:
        announce(paths, port)
        with hold_folder(paths.lock_file, paths.presence_file):
            refused = await asyncio.to_thread(sidecar_of, paths)
            paths.token_file.write_text(token)
            shown = await asyncio.to_thread(sidecar_of, paths)
    assert (refused.answers, shown.answers) == (False, True)


def test_a_sidecar_that_does_not_answer_is_told_from_one_that_does(paths: DataPaths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    announce(paths, port)
    with hold_folder(paths.lock_file, paths.presence_file):
        found = sidecar_of(paths)
    assert (found.runs, found.answers) == (True, False)


def test_a_sidecar_that_left_no_note_runs_all_the_same(paths: DataPaths) -> None:
    paths.presence_file.write_text("{")
    with hold_folder(paths.lock_file, paths.presence_file):
        assert sidecar_of(paths).runs


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["/usr/bin/llama-runner-pro", "serve"], True),
        (["python3", "/venv/bin/llama-runner-pro", "serve", "--demo"], True),
        (["python3", "-m", "llama_runner_pro", "serve"], True),
        (["/opt/app/resources/backend/llama-runner-pro-backend", "serve", "--desktop"], True),
        (["llama-runner-pro-backend.exe", "serve"], True),
        (["/opt/app/resources/backend/llama-runner-pro-backend", "guard"], False),
        (["python3", "-m", "llama_runner_pro", "status"], False),
        (["python3", "llama_runner_pro", "serve"], False),
        (["vim", "llama-runner-pro-serve.md"], False),
        (["grep", "llama-runner-pro serve"], False),
        (["llama-runner-pro"], False),
        ([], False),
    ],
)
def test_only_a_command_line_of_ours_counts_as_a_sidecar(argv: list[str], expected: bool) -> None:
    assert serves(argv) is expected


def test_the_listener_we_recorded_is_ours_and_any_other_is_not(paths: DataPaths) -> None:
    spec = EndpointSpec(name="a", start_command=("serve",))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        spec = EndpointSpec(name="a", port=port, start_command=("serve",))
        (foreign,) = port_uses([spec], paths)
        own = identify(os.getpid())
        assert own is not None
        StateFile(paths.processes_file).save({"a": ProcessRecord(identity=own, nonce="n")})
        (ours,) = port_uses([spec], paths)
    assert (foreign.port, foreign.ours) == (port, False)
    assert f"(pid {os.getpid()})" in (foreign.holder or "")
    assert ours.ours
    (free,) = port_uses([spec], paths)
    assert free.holder is None


def test_a_listener_of_the_configured_name_is_ours(paths: DataPaths) -> None:
    name = psutil.Process().name()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        spec = EndpointSpec(name="a", port=port, start_command=("serve",), process_name=name)
        (use,) = port_uses([spec], paths)
    assert use.ours


def test_what_we_cannot_start_has_no_port_to_be_kept_free(paths: DataPaths) -> None:
    assert port_uses([EndpointSpec(name="a", kind="ollama")], paths) == []


def test_a_damaged_record_counts_as_none_and_stays(paths: DataPaths) -> None:
    paths.processes_file.write_text("{")
    assert recorded(paths) == {}
    assert paths.processes_file.read_text() == "{"
