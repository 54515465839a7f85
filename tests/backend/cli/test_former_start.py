"""What is kept of a start, and what is done with it at the next."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.desktop_window import DesktopWindow
from fakes.running_sidecar import FROM_SOURCE, RunningSidecar, fake_endpoint, until

from llama_runner_pro.cli.former_start import as_before, harmless_environment, note_start

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL = {
    "host": None,
    "port": None,
    "config": None,
    "demo": False,
    "no_gateway": False,
    "container": False,
}


def command_line(**given: object) -> argparse.Namespace:
    """As argparse makes it."""
    return argparse.Namespace(**{**USUAL, **given})


def test_options_and_environment_come_back(tmp_path: Path) -> None:
    file = tmp_path / "start.json"
    note_start(
        file,
        command_line(host="::1", port=9000, config=Path("a b'ü.json"), no_gateway=True),
        {"CUDA_VISIBLE_DEVICES": "1", "LANG": "de_DE.UTF-8"},
    )
    environ = {"LANG": "C", "HF_HOME": "/elsewhere", "OTHER": "stays"}
    again = as_before(file, command_line(), environ)
    assert vars(again) == {
        **USUAL,
        "host": "::1",
        "port": 9000,
        "config": Path("a b'ü.json"),
        "no_gateway": True,
    }
    assert environ == {"LANG": "de_DE.UTF-8", "CUDA_VISIBLE_DEVICES": "1", "OTHER": "stays"}


def test_the_note_is_for_its_owner_alone_and_names_the_program(tmp_path: Path) -> None:
    file = tmp_path / "start.json"
    note_start(file, command_line(config=Path("/home/jörg/c.json")), {})
    noted = json.loads(file.read_text("utf-8"))
    assert noted["options"]["config"] == "/home/jörg/c.json"
    assert noted["program"] == sys.executable
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_but_what_is_known_to_be_harmless_is_noted() -> None:
    environ = {
        "OPENAI_API_KEY": "sk-secret",
        "LLAMA_API_KEY": "secret",
        "HTTPS_PROXY": "http://me:secret@proxy:3128",
        "HTTP_PROXY": "http://proxy:3128",
    }
    noted = harmless_environment(environ)
    assert "secret" not in json.dumps(noted)
    assert noted["HTTP_PROXY"] == "http://proxy:3128"
    # Neither set nor taken away.
    assert "HTTPS_PROXY" not in noted


def test_without_a_note_or_with_a_damaged_one_it_is_a_plain_start(tmp_path: Path) -> None:
    file = tmp_path / "start.json"
    assert vars(as_before(file, command_line(), {})) == USUAL
    for damaged in ("", "[]", '{"options": {"port": "9000"}, "folder": "/"}'):
        file.write_text(damaged)
        assert vars(as_before(file, command_line(), {})) == USUAL
        assert not file.exists()


def test_what_a_later_version_notes_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "start.json"
    note_start(file, command_line(port=9000), {})
    document = json.loads(file.read_text())
    document["new"] = document["options"]["new"] = 1
    document["folder"] = str(tmp_path / "gone")
    document["environment"]["LD_PRELOAD"] = "/evil.so"
    file.write_text(json.dumps(document))
    environ: dict[str, str] = {}
    again = as_before(file, command_line(), environ)
    assert again.port == 9000
    assert environ == {}


@contextmanager
def once_more(folder: Path, port: int, elsewhere: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`serve --as-before`, from another folder and in another environment."""
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": "0"}
    environ.pop("HF_HOME", None)
    with (folder / "again.txt").open("wb") as output:
        command = (*FROM_SOURCE, "serve", "--as-before", "--data-dir", str(folder))
        process = subprocess.Popen(command, env=environ, cwd=elsewhere, stdout=output)
    try:
        until(lambda: f":{port}/" in (folder / "again.txt").read_text() or process.poll())
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's folders")
def test_a_sidecar_comes_back_with_its_options_folder_and_environment(tmp_path: Path) -> None:
    first, elsewhere = tmp_path / "first", tmp_path / "elsewhere"
    elsewhere.mkdir()
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": "1", "HF_HOME": "/models"}
    document = {"endpoints": [fake_endpoint("one")]}
    with RunningSidecar(first, document, env=environ) as sidecar:
        was = model_environment(sidecar)
        there = Path(f"/proc/{sidecar.process.pid}/cwd").readlink()
    assert (was["CUDA_VISIBLE_DEVICES"], was["HF_HOME"]) == ("1", "/models")
    with once_more(first, sidecar.port, elsewhere) as process:
        assert process.poll() is None
        now = model_environment(sidecar)
        assert (now["CUDA_VISIBLE_DEVICES"], now["HF_HOME"]) == ("1", "/models")
        assert Path(f"/proc/{process.pid}/cwd").readlink() == there


def model_environment(sidecar: RunningSidecar) -> dict[str, str]:
    """What the model server of the running sidecar was started with."""

    def read() -> dict[str, Any] | None:
        pid = sidecar.recorded()["one"]["identity"]["pid"]
        words = Path(f"/proc/{pid}/environ").read_text().split("\0")
        return dict(word.split("=", 1) for word in words if "=" in word)

    found: dict[str, str] = until(read)
    return found


def test_a_start_that_is_refused_is_not_noted(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path / "one", {"endpoints": []}) as sidecar:
        note = (tmp_path / "one" / "run" / "start.json").read_bytes()
        for folder in ("one", "two"):
            command = (*FROM_SOURCE, "serve", "--port", str(sidecar.port))
            command += ("--data-dir", str(tmp_path / folder))
            refused = subprocess.run(command, capture_output=True, timeout=120, check=False)
            assert refused.returncode == 69
    assert (tmp_path / "one" / "run" / "start.json").read_bytes() == note
    assert not (tmp_path / "two" / "run" / "start.json").exists()


def test_options_beside_as_before_are_refused(tmp_path: Path) -> None:
    command = (*FROM_SOURCE, "serve", "--as-before", "--data-dir", str(tmp_path), "--no-gateway")
    refused = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert refused.returncode == 64
    assert "--no-gateway" in refused.stderr


def test_a_window_takes_the_note_of_an_earlier_start_away(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path) as window:
        note = window.folder / "run" / "start.json"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text("{}")
        window.shake()
        assert not note.exists()
