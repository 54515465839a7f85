"""`serve`: what it refuses, with which words and codes."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from fakes.running_sidecar import FROM_SOURCE, RunningSidecar, fake_endpoint, until

from tests.tools.loopback import alive, free_port


def serve(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `serve` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "llama_runner_pro", "serve", "--data-dir", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_taken_port_is_refused_with_its_holder_and_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        result = serve(tmp_path, "--port", str(port))
    assert result.returncode == 69
    assert f"port {port}" in result.stderr
    assert f"(pid {os.getpid()})" in result.stderr
    proposed = re.search(r"--port (\d+)", result.stderr)
    assert proposed is not None
    # The next one, or one of those behind it when others hold that.
    assert port < int(proposed[1]) <= port + 50
    assert "Traceback" not in result.stderr


def test_every_mistake_of_a_config_is_named_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"check_interval": "soon", "endpoints": [{"nam": "x"}]}))
    result = serve(tmp_path, "--port", str(free_port()))
    assert result.returncode == 78
    assert "check_interval" in result.stderr
    assert "endpoints[0]" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_config_that_was_named_but_does_not_exist_is_an_error(tmp_path: Path) -> None:
    result = serve(tmp_path, "--config", str(tmp_path / "none.json"))
    assert result.returncode == 78
    assert "none.json" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "192.0.2.7"),
        ("--host", "not an address"),
        ("--port", "70000"),
        ("--port", "-1"),
        ("--port", "http"),
        ("--colour", "red"),
    ],
)
def test_a_wrong_option_is_refused_with_code_64(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = serve(tmp_path, *arguments)
    assert result.returncode == 64
    assert arguments[0] in result.stderr


def test_a_data_folder_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    result = serve(file)
    assert result.returncode == 73
    assert str(file) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_sidecar_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as first:
        result = serve(tmp_path, "--port", str(free_port()))
    assert result.returncode == 69
    assert f"127.0.0.1:{first.port}" in result.stderr


def test_it_says_where_it_runs(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        assert f"http://127.0.0.1:{sidecar.port}/" in sidecar.output


def test_it_says_what_a_gateway_without_keys_means_for_the_network(tmp_path: Path) -> None:
    # Both doors stay shut, so that nobody comes in while this test runs.
    doors = {
        name: {"enabled": False, "port": free_port(), "alternative_port": free_port()}
        for name in ("openai", "ollama")
    }
    here = {"endpoints": [], "gateway": {**doors, "auth": "none"}}
    everywhere = {"endpoints": [], "gateway": {**doors, "auth": "none", "host": "0.0.0.0"}}
    with RunningSidecar(tmp_path / "here", here, gateway=True) as sidecar:
        assert "Gateway:" not in sidecar.output
    with RunningSidecar(tmp_path / "all", everywhere, gateway=True) as sidecar:
        assert "without a key" in sidecar.output


def test_in_a_container_it_tells_the_token_once_and_answers_to_any_name(tmp_path: Path) -> None:
    assert times_told(tmp_path) == 1
    assert times_told(tmp_path) == 0


def times_told(folder: Path) -> int:
    """How often a start in a container tells the token."""
    sidecar = RunningSidecar(folder, {"endpoints": []}, "--container")
    with ExitStack() as ending:
        ending.push(sidecar.__exit__)
        until(lambda: "open --print" in sidecar.output)
        assert f"http://127.0.0.1:{sidecar.port}/" in sidecar.output
        assert asked(sidecar.port, "") == 401
        assert asked(sidecar.port, sidecar.token) == 200
    assert sidecar.token not in (folder / "logs" / "ai_monitor.log").read_text()
    return sidecar.output.count(sidecar.token)


def asked(port: int, token: str) -> int:
    """The status of a request that uses a name which the sidecar cannot know."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"host": f"nas.example:{port}", "authorization": f"Bearer {token}"}
    connection.request("GET", "/api/health", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal there")
def test_a_terminal_that_is_closed_ends_it_and_its_models(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one")]}
    with RunningSidecar(tmp_path, document) as sidecar:
        pid = until(lambda: sidecar.recorded()["one"]["identity"]["pid"])
        sidecar.process.send_signal(signal.SIGHUP)
        assert sidecar.process.wait(60) == 0
        assert not alive(pid)
        assert "Stopped." in sidecar.output


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's folders")
def test_with_nohup_it_outlives_its_terminal(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}, program=("nohup", *FROM_SOURCE)) as sidecar:
        status = Path(f"/proc/{sidecar.process.pid}/status").read_text()
        (ignored,) = re.findall(r"^SigIgn:\s*(\w+)", status, re.MULTILINE)
        assert int(ignored, 16) >> (signal.SIGHUP - 1) & 1
