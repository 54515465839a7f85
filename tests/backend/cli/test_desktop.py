"""`serve --desktop`: the real sidecar with a test in the window's place."""

from __future__ import annotations

import errno
import json
import os
import pty
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.desktop_window import (
    PREFIX,
    TOKEN,
    DesktopWindow,
    first_line,
    right_proof,
)
from fakes.running_sidecar import fake_endpoint, until

from llama_runner_pro.cli.desktop import Desktop
from llama_runner_pro.desktop.handshake import understood
from llama_runner_pro.desktop.voice import Voice
from llama_runner_pro.desktop.window import Window
from llama_runner_pro.supervision.process.identity import identify
from tests.tools.loopback import alive, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")


@pytest.fixture
def window(tmp_path: Path) -> Iterator[DesktopWindow]:
    with DesktopWindow(tmp_path) as window:
        yield window


def test_it_proves_itself_and_answers_both_tokens(window: DesktopWindow) -> None:
    said = window.shake()
    assert said["proof"] == right_proof()
    assert (said["protocol"], said["pid"]) == (1, window.process.pid)
    assert window.call("/api/health")[1]["instance"] == said["instance"]
    link = ("/api/session/links", {})
    assert window.call(*link)[0] == 200
    assert window.call(*link, token=(window.folder / "run" / "token").read_text().strip())[0] == 200
    assert window.call(*link, token="f" * 64)[0] == 401


def test_only_events_are_on_standard_output_and_json_on_standard_error(
    window: DesktopWindow,
) -> None:
    window.shake()
    window.say({"command": "shutdown", "keep_models": False, "deadline_ms": 50_000})
    assert window.process.wait(60) == 0
    window.event("stopped")
    assert all(line.startswith(PREFIX) for line in window.lines)
    assert json.loads(window.lines[-1].removeprefix(PREFIX)) == {"event": "stopped"}
    logged = [json.loads(line) for line in window.errors.splitlines()]
    assert logged
    assert all(set(one) == {"t", "level", "logger", "text"} for one in logged)
    assert TOKEN not in window.errors
    assert TOKEN not in (window.folder / "logs" / "ai_monitor.log").read_text()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"hello\n", "not JSON"),
        (b"[1]\n", "not a JSON object"),
        (b"\xff\xfe\n", "not JSON"),
        (b"x" * 70_000 + b"\n", "longer than 65536 bytes"),
        (b"x" * 70_000, "longer than 65536 bytes"),
        ({"protocol": 2}, "protocol 2"),
        ({"protocol": 1}, "token"),
    ],
    ids=["text", "list", "bytes", "long", "endless", "later protocol", "nothing else"],
)
def test_a_first_line_that_is_none_is_refused(
    window: DesktopWindow, said: object, words: str
) -> None:
    code, text = window.refused(said)
    assert code == 64
    assert words in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "short"},
        {"nonce": None},
        {"port": "8585"},
        {"port": 70_000},
        {"data_dir": "relative"},
        {"strict_port": 1},
        {"keep_models": "yes"},
        {"parent_pid": True},
        {"parent_pid": 2**22 + 1},
    ],
    ids=str,
)
def test_a_wrong_member_is_named(window: DesktopWindow, wrong: dict[str, object]) -> None:
    code, text = window.refused(first_line(window.folder, **wrong))
    assert code == 64
    assert next(iter(wrong)) in text
    assert TOKEN not in text


def test_a_window_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path, env={"LLAMA_RUNNER_PRO_HANDSHAKE_WITHIN_S": "0.3"}) as window:
        assert window.refused() == (64, "the first line on standard input: none came within 0.3 s")


@pytest.mark.parametrize("said", ["soon", "", "-1", "nan", "inf", "1e400", "3601"])
def test_a_wait_that_is_no_number_of_seconds_is_refused(tmp_path: Path, said: str) -> None:
    with DesktopWindow(tmp_path, env={"LLAMA_RUNNER_PRO_HANDSHAKE_WITHIN_S": said}) as window:
        code, text = window.refused()
    assert code == 64
    assert text.startswith(f"LLAMA_RUNNER_PRO_HANDSHAKE_WITHIN_S: {said!r} is not a number")
    assert "Traceback" not in window.errors


def test_input_that_ends_at_once_is_refused(window: DesktopWindow) -> None:
    window.close()
    assert "ended" in window.refused()[1]


def test_members_that_it_does_not_know_are_passed_over(window: DesktopWindow) -> None:
    window.shake(colour="red")


def test_the_end_of_input_ends_sidecar_and_models(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path, document={"endpoints": [fake_endpoint("one")]}) as window:
        window.shake()
        pid = window.online("one")
        window.close()
        assert window.process.wait(60) == 0
        assert not alive(pid)


def test_with_keep_models_the_end_of_input_leaves_models_alone(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path, document={"endpoints": [fake_endpoint("one")]}) as window:
        window.shake(keep_models=True)
        pid = window.online("one")
        window.close()
        assert window.process.wait(60) == 0
        assert alive(pid)


def test_a_shutdown_decides_anew_about_the_models(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path, document={"endpoints": [fake_endpoint("one")]}) as window:
        window.shake()
        pid = window.online("one")
        window.say(b"what?\n", {"command": "dance"})
        window.say({"command": "shutdown", "keep_models": True, "deadline_ms": 50_000})
        assert window.process.wait(60) == 0
        assert alive(pid)
        assert "makes no sense" in window.errors
        assert "does not know" in window.errors


def test_the_end_of_the_parent_is_enough(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with DesktopWindow(tmp_path) as window:
        window.shake(parent_pid=parent.pid)
        parent.kill()
        parent.wait()
        assert window.process.wait(60) == 0
    assert parent.stdin is not None
    parent.stdin.close()


def test_a_wished_port_is_had_and_a_taken_one_is_left(tmp_path: Path) -> None:
    wished = free_port()
    with DesktopWindow(tmp_path / "a") as window:
        assert window.shake(port=wished)["port"] == wished
        with DesktopWindow(tmp_path / "b") as other:
            assert other.shake(port=wished)["port"] != wished


def test_a_taken_port_that_must_be_had_is_refused_with_its_holder(window: DesktopWindow) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        code, text = window.refused(first_line(window.folder, port=port, strict_port=True))
    assert code == 69
    assert f"(pid {os.getpid()})" in text
    assert '"portIsFixed" to false in the window\'s desktop.json' in text


def test_a_folder_in_use_is_refused_with_the_others_address(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path) as first:
        first.shake()
        with DesktopWindow(tmp_path) as second:
            code, text = second.refused(first_line(tmp_path))
    assert code == 69
    assert f"127.0.0.1:{first.port}" in text


def test_a_broken_configuration_is_told_in_words(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path, document={"check_interval": "soon"}) as window:
        code, text = window.refused(first_line(tmp_path))
    assert code == 78
    assert "check_interval" in text


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with DesktopWindow(tmp_path) as window:
        code, text = window.refused(first_line(tmp_path / "file" / "folder"))
    assert code == 73
    assert f"{tmp_path / 'file'}" in text
    assert "a file where a folder should be" in text
    assert "LLAMA_RUNNER_PRO_DATA_DIR" in text


def test_an_error_that_nobody_expects_is_told_and_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "run" / "sidecar.json").mkdir(parents=True)
    with DesktopWindow(tmp_path) as window:
        code, text = window.refused(first_line(tmp_path))
    assert code == 75
    assert "sidecar.json" in text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_is_told_and_not_tried_again(tmp_path: Path, number: int) -> None:
    reading, writing = os.pipe()
    source, nobody = os.pipe()
    parent = identify(os.getpid())
    assert parent is not None
    shaken = understood(json.dumps(first_line(tmp_path)).encode())
    desktop = Desktop(Window(source, cut=lambda: None), Voice(writing), shaken, parent, 0)
    full = OSError(number, os.strerror(number))
    assert desktop.failed(ExceptionGroup("tasks", [full, ValueError("late")])) == 73
    said = json.loads(os.read(reading, 10_000).decode().removeprefix(PREFIX))
    assert (said["event"], said["code"]) == ("fatal", 73)
    assert os.strerror(number) in said["text"]
    os.close(nobody)


def test_a_port_of_the_gateway_that_somebody_has_is_a_reason(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        doors = {
            "openai": {"port": port, "alternative_port": free_port(), "watch_holder": False},
            "ollama": {"enabled": False, "port": free_port(), "alternative_port": free_port()},
        }
        document = {"endpoints": [], "gateway": doors}
        with DesktopWindow(tmp_path, document=document, gateway=True) as window:
            window.shake()
            reasons = window.event("degraded")["reasons"]
    assert len(reasons) == 1
    assert f"port {port} is held by" in reasons[0]


def test_a_gateway_that_works_is_no_reason(tmp_path: Path) -> None:
    doors = {
        name: {"port": free_port(), "alternative_port": free_port()}
        for name in ("openai", "ollama")
    }
    document = {"endpoints": [], "gateway": doors}
    with DesktopWindow(tmp_path, document=document, gateway=True) as window:
        window.shake()
        until(lambda: {one["state"] for one in window.call("/api/gateway")[1]["doors"]} == {"open"})
        assert not [line for line in window.lines if "degraded" in line]


def test_on_a_terminal_it_says_what_to_use_instead(tmp_path: Path) -> None:
    terminal, side = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "llama_runner_pro", "serve", "--desktop"],
        stdin=side,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(terminal)
    os.close(side)
    assert done.returncode == 64
    assert "llama-runner-pro serve" in done.stderr


def test_what_the_handshake_brings_cannot_be_an_option(tmp_path: Path) -> None:
    with DesktopWindow(tmp_path, "--port", "0") as window:
        assert window.process.wait(60) == 64
        assert "--port" in window.errors
