from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

import psutil
import pytest

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.load_progress import (
    Effort,
    LoadProgressSensor,
    has_opened,
    model_files,
    read_command,
    read_effort,
)
from llama_runner_pro.metrics.collectors.sensor import Moment

FIELD = "endpoint/demo/load_progress_ratio"


def target(*, ready: bool = False, pid: int | None = 7) -> MetricTarget:
    return MetricTarget(name="demo", kind="llamacpp", url="http://a", pid=pid, ready=ready)


class Server:
    """A process that loads a file of 1 000 bytes."""

    def __init__(self, folder: Path) -> None:
        (folder / "model.gguf").write_bytes(bytes(1000))
        self.folder = folder
        self.argv = {7: ["llama-server", "-m", "model.gguf"]}
        self.effort = Effort(0, 0)
        self.asked = 0
        self.is_open = True
        self.sensor = LoadProgressSensor(
            lambda: {"demo": frozenset(self.argv)},
            command=self._command,
            effort=self._effort,
            opened=lambda pid, files: self.is_open,
        )

    def _command(self, pid: int) -> tuple[list[str], Path]:
        self.asked += 1
        if pid not in self.argv:
            raise psutil.NoSuchProcess(pid)
        return self.argv[pid], self.folder

    def _effort(self, pid: int) -> Effort:
        return self.effort

    def share(self, one: MetricTarget | None = None) -> object:
        """The value now, or the reason for none."""
        reading = self.sensor.read(Moment(0.0, (one or target(),)))
        return reading.values.get(FIELD, reading.absent.get(FIELD))


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_what_was_read_of_the_file_is_the_progress(server: Server) -> None:
    server.effort = Effort(read_bytes=250, resident_bytes=10)
    assert server.share() == 0.25


def test_a_file_that_is_mapped_shows_as_memory(server: Server) -> None:
    server.effort = Effort(read_bytes=None, resident_bytes=500)
    assert server.share() == 0.5


def test_what_the_program_held_and_read_before_is_no_part_of_the_model(server: Server) -> None:
    server.is_open = False
    server.effort = Effort(200, 600)
    assert server.share() == 0
    server.is_open = True
    server.effort = Effort(300, 850)
    assert server.share() == 0.25


def test_memory_that_is_given_back_is_no_step_back(server: Server) -> None:
    server.effort = Effort(None, 800)
    server.share()
    server.effort = Effort(None, 100)
    assert server.share() == 0.8


def test_only_readiness_means_loaded(server: Server) -> None:
    server.effort = Effort(5000, 5000)
    assert server.share() == 0.99
    assert server.share(target(ready=True)) == "no model is being loaded"


def test_a_second_start_begins_anew(server: Server) -> None:
    server.effort = Effort(900, 0)
    server.share()
    server.share(target(ready=True))
    server.effort = Effort(100, 0)
    assert server.share() == 0.1


def test_the_command_line_is_read_once_per_process(server: Server) -> None:
    for _ in range(5):
        server.share()
    assert server.asked == 1


def test_a_server_that_a_script_started_is_found(server: Server) -> None:
    server.argv = {7: ["sh", "start.sh"], 8: ["llama-server", "--model", "model.gguf"]}
    server.effort = Effort(300, 0)
    assert server.share() == 0.3


@pytest.mark.parametrize(
    "argv", [["ollama", "serve"], ["vllm", "serve", "m"], ["llama-server", "-m", "gone.gguf"]]
)
def test_a_server_whose_file_is_not_known_says_so(server: Server, argv: list[str]) -> None:
    server.argv = {7: argv}
    assert server.share() == "this server does not tell how far it is"


def test_a_process_that_has_ended_is_no_failure(server: Server) -> None:
    server.argv = {}
    assert server.share() == "this server does not tell how far it is"


def test_nothing_is_loaded_without_a_process(server: Server) -> None:
    assert server.share(target(pid=None)) == "no model is being loaded"


def test_all_parts_of_a_split_model_count(tmp_path: Path) -> None:
    found = model_files(["x", "--model=big-00001-of-00003.gguf"], tmp_path)
    assert [path.name for path in found] == [
        "big-00001-of-00003.gguf",
        "big-00002-of-00003.gguf",
        "big-00003-of-00003.gguf",
    ]
    assert found[0].parent == tmp_path


def test_our_own_process_tells_its_command_and_its_effort() -> None:
    argv, folder = read_command(os.getpid())
    assert argv
    assert folder == Path.cwd()
    effort = read_effort(os.getpid())
    assert effort.resident_bytes > 1_000_000
    assert effort.read_bytes is None or effort.read_bytes > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what is open")
def test_an_open_or_mapped_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a model.gguf"
    path.write_bytes(bytes(4096))
    assert not has_opened(os.getpid(), [path])
    with path.open("rb") as file:
        assert has_opened(os.getpid(), [path])
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert has_opened(os.getpid(), [path])
    mapped.close()
    assert not has_opened(os.getpid(), [path])
    assert has_opened(2**30, [path])
