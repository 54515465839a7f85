"""`discover`, with and without a running sidecar."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec
from fakes.discovery import discovery, found
from fakes.running_sidecar import FAKE_SERVER, RunningSidecar, fake_endpoint, until

from llama_runner_pro.cli.discover import page
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from pathlib import Path

MANY_LOOKS_S = 400.0
"""One that answers late is not found: a busy machine may need more than one look."""


def shown(**more: Any) -> list[str]:
    """The lines for a discovery."""
    return list(page(msgspec.to_builtins(discovery(**more))))


def discover(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "llama_runner_pro", "discover", "--data-dir", str(folder)]
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_servers_are_shown_with_address_models_and_owner() -> None:
    text = "\n".join(shown())
    assert "Ollama" in text
    assert "http://127.0.0.1:11434" in text
    assert "llama3.1:8b, qwen2.5-coder:7b" in text
    assert "It belongs to Ollama (pid 812)" in text


def test_programs_are_shown_with_what_starts_them() -> None:
    lines = shown()
    start = lines.index("Installed, not running:")
    assert "llama-server --model '${MODEL}' --port '${PORT}'" in lines[start + 1]
    assert "model file" in lines[start + 2]


def test_an_endpoint_that_is_watched_already_is_named() -> None:
    assert "   watched as mine" in shown(found=(found("vllm", 8000, configured_as="mine"),))


def test_a_long_list_of_models_is_cut_and_counted() -> None:
    (line,) = [
        line
        for line in shown(found=(found("vllm", 8000, models=("a", "b", "c", "d", "e")),))
        if "8000" in line
    ]
    assert "a, b, c and 2 more" in line


def test_a_guess_says_what_it_rests_on() -> None:
    guess = found("jan", 1337, confidence="likely", evidence=("port 1337 is held by jan",))
    assert "   likely: port 1337 is held by jan" in shown(found=(guess,))


def test_an_empty_computer_and_an_unfinished_look_are_said_in_words() -> None:
    lines = shown(found=(), installed=(), complete=False)
    assert lines[0] == "No model server runs on this computer."
    assert "run it again" in lines[-1]


def test_names_from_elsewhere_cannot_steer_the_terminal() -> None:
    evil = found("vllm", 8000, models=("\x1b[2Jboo",), program="\x07x")
    assert "\x1b" not in "".join(shown(found=(evil,)))
    assert "\x07" not in "".join(shown(found=(evil,)))


def test_without_a_sidecar_it_looks_by_itself(tmp_path: Path) -> None:
    # Known by the name of its program, it is asked first, and found however late it answers.
    port, program = free_port(), tmp_path / "llama-server"
    program.symlink_to(FAKE_SERVER)
    command = [sys.executable, str(program), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            result = until(lambda: _sees(tmp_path, port), MANY_LOOKS_S)
        finally:
            server.kill()
    assert result["configured_as"] is None


def _sees(folder: Path, port: int) -> Any:
    result = discover(folder, "--json")
    assert result.returncode == 0, result.stderr
    servers = json.loads(result.stdout)["found"]
    return next((server for server in servers if server["port"] == port), None)


def test_with_a_sidecar_its_endpoints_are_marked(tmp_path: Path) -> None:
    endpoint: dict[str, Any] = fake_endpoint("mine")
    with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as sidecar:
        sidecar.wait_state("mine", "online")
        found_there = until(lambda: _sees(tmp_path, endpoint["port"]), MANY_LOOKS_S)
        assert found_there["configured_as"] == "mine"
        assert _sees(tmp_path, sidecar.port) is None
        until(lambda: "   watched as mine" in discover(tmp_path).stdout.splitlines(), MANY_LOOKS_S)


def test_a_sidecar_that_was_named_and_is_not_there_is_an_error(tmp_path: Path) -> None:
    result = discover(tmp_path, "--url", f"http://127.0.0.1:{free_port()}")
    assert result.returncode == 69
    assert "not running" in result.stderr
