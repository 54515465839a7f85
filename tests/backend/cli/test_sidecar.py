"""Starting a sidecar, as far as both a terminal and the desktop window rely on it."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.sidecar import PortForbidden, Wanted, run_sidecar
from llama_runner_pro.core.errors import ConfigError, PortTaken

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.app import Built
    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.core.errors import LlamaRunnerError


class Listener:
    """Hears how it goes, and runs nothing."""

    def __init__(self) -> None:
        self.heard: list[tuple[Exit, str]] = []
        self.errors: list[LlamaRunnerError | OSError] = []
        self.port = 0
        self.ended = False

    def prepare(self, paths: DataPaths) -> None:
        assert paths.run_dir.is_dir()

    def begin_logging(self, logs_dir: Path) -> None:
        assert logs_dir.is_dir()

    def refused(self, code: Exit, error: LlamaRunnerError | OSError, words: str) -> None:
        self.heard.append((code, words))
        self.errors.append(error)

    async def live(self, built: Built, listening: socket.socket, paths: DataPaths) -> None:
        self.port = listening.getsockname()[1]
        listening.close()
        await built.http.aclose()
        built.recovery.shut()

    def stopped(self) -> None:
        self.ended = True


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_it_lives_where_it_is_wanted(tmp_path: Path, listener: Listener) -> None:
    assert run_sidecar(Wanted(port=0, data_dir=tmp_path, gateway=False), listener) == Exit.OK
    assert listener.port > 0
    assert listener.ended


def test_a_taken_port_is_refused_or_left_for_a_free_one(tmp_path: Path, listener: Listener) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        strict = Wanted(port=taken, data_dir=tmp_path, gateway=False)
        assert run_sidecar(strict, listener) == Exit.UNAVAILABLE
        assert isinstance(listener.errors[0], PortTaken)
        easy = Wanted(port=taken, strict_port=False, data_dir=tmp_path, gateway=False)
        assert run_sidecar(easy, listener) == Exit.OK
        assert listener.port not in (0, taken)


def test_a_wrong_configuration_is_told(tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "config.json").write_text("{")
    assert run_sidecar(Wanted(port=0, data_dir=tmp_path), listener) == Exit.CONFIG
    assert isinstance(listener.errors[0], ConfigError)
    assert not listener.ended


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "file").write_text("")
    code = run_sidecar(Wanted(port=0, data_dir=tmp_path / "file"), listener)
    assert code == Exit.CANNOT_CREATE
    assert getattr(listener.errors[0], "errno", None) in (errno.EEXIST, errno.ENOTDIR)


def test_a_port_that_the_system_keeps_to_itself_is_named() -> None:
    assert "80" in str(PortForbidden(80))
    assert "1023" in str(PortForbidden(80))
