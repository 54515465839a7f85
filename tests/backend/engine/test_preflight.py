"""Each check gives one sentence with what, where and what to do, and its own exit code."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.engine.demo import demo_model_path
from llama_runner_pro.engine.exit_codes import EngineExit
from llama_runner_pro.engine.preflight import (
    EngineRefusal,
    check_complete,
    check_memory,
    check_model,
    check_port,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GIB = 1024**3


def test_a_good_model_passes_and_gives_its_header() -> None:
    assert check_model(demo_model_path()).tensor_count == 272
    check_complete(demo_model_path())


def test_a_missing_model_names_the_path(tmp_path: Path) -> None:
    path = tmp_path / "gone.gguf"
    with pytest.raises(EngineRefusal) as refusal:
        check_model(path)
    assert refusal.value.exit_code is EngineExit.MODEL_MISSING
    assert str(refusal.value).startswith(f"there is no model file at {path}")


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(EngineRefusal, match="is a folder") as refusal:
        check_model(tmp_path)
    assert refusal.value.exit_code is EngineExit.MODEL_MISSING


def test_a_path_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    for check in (check_model, check_complete):
        with pytest.raises(EngineRefusal, match="cannot be read: Not a directory") as refusal:
            check(plain / "below.gguf")
        assert refusal.value.exit_code is EngineExit.MODEL_MISSING


def test_another_kind_of_file_is_not_a_gguf(tmp_path: Path) -> None:
    path = tmp_path / "page.gguf"
    path.write_text("<!doctype html>" + " " * 100, encoding="ascii")
    for check in (check_model, check_complete):
        with pytest.raises(EngineRefusal, match="not a usable GGUF model") as refusal:
            check(path)
        assert refusal.value.exit_code is EngineExit.NOT_A_GGUF


def test_a_cut_off_download_says_how_much_is_missing(write_gguf: Callable[..., Path]) -> None:
    path = write_gguf({"general.architecture": "llama"}, tensor_values=2**20)
    check_complete(path)
    path.write_bytes(path.read_bytes()[: -3 * 2**20])
    with pytest.raises(EngineRefusal, match=r"incomplete: 3\.0 MiB are missing") as refusal:
        check_complete(path)
    assert refusal.value.exit_code is EngineExit.NOT_A_GGUF


def test_too_little_memory_names_both_amounts() -> None:
    with pytest.raises(EngineRefusal, match=r"needs about 20\.0 GiB, 1\.5 GiB are free") as refusal:
        check_memory(20 * GIB, 3 * GIB // 2)
    assert refusal.value.exit_code is EngineExit.TOO_LITTLE_MEMORY


@pytest.mark.parametrize("available_bytes", [GIB, None], ids=["enough", "unknown"])
def test_enough_or_unknown_memory_passes(available_bytes: int | None) -> None:
    check_memory(GIB, available_bytes)


def test_a_taken_port_is_refused_and_a_free_one_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(
            EngineRefusal, match=f"port {port} on 127.0.0.1 is already in use"
        ) as refusal:
            check_port("127.0.0.1", port)
        assert refusal.value.exit_code is EngineExit.PORT_TAKEN
    check_port("127.0.0.1", port)
    socket.create_server(("127.0.0.1", port)).close()


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(EngineRefusal, match=r"cannot listen on 192\.0\.2\.1 port 8099") as refusal:
        check_port("192.0.2.1", 8099)
    assert refusal.value.exit_code is EngineExit.PORT_TAKEN
