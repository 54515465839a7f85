"""The real engine with the real demo model, as the process that the supervisor starts."""

from __future__ import annotations

import json
import re
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llama_runner_pro.engine.demo import DEMO_ALIAS, demo_model_path
from llama_runner_pro.engine.exit_codes import PREFIX, EngineExit
from llama_runner_pro.engine.worker import running_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIXTURES = Path(__file__).parents[1] / "fixtures" / "llamacpp"
PATIENCE_S = 30.0
STOP_S = 10.0
POLL_S = 0.01


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Engine:
    """One engine process and a plain HTTP client for it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def request(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """One exchange on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            headers = {"Content-Type": "application/json", "Origin": "http://evil.example"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            assert answer.headers["Access-Control-Allow-Origin"] == ""
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def wait_for_status(self, wanted: int) -> str:
        """Ask /health until it gives this status; the body of that answer."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            assert self.process.poll() is None, self.left()
            try:
                status, body = self.request("GET", "/health")
            except (OSError, HTTPException):
                status, body = 0, ""
            if status == wanted:
                return body
            time.sleep(POLL_S)
        raise AssertionError(f"/health did not give {wanted} in {PATIENCE_S} s")

    def left(self) -> tuple[int, str]:
        """Exit code and stderr of the process, which must end by itself now."""
        _, log = self.process.communicate(timeout=STOP_S)
        return self.process.returncode, log


@contextmanager
def engine(model: Path, *flags: str, port: int | None = None) -> Iterator[Engine]:
    """The process, started by its argument list; killed at the end whatever happens."""
    port = port or free_port()
    argv = [sys.executable, "-m", "llama_runner_pro.engine", "--model", str(model)]
    with subprocess.Popen(
        [*argv, "--port", str(port), "--ctx-size", "512", *flags],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Engine(process, port)
        finally:
            process.kill()


def chat(**more: object) -> dict[str, object]:
    """A one-question chat."""
    return {"messages": [{"role": "user", "content": "Say hi."}], **more}


def raw_chat(**more: object) -> bytes:
    """The same as a whole request, for a socket of the test's own."""
    body = json.dumps(chat(**more)).encode()
    head = f"Host: x\r\nConnection: close\r\nContent-Length: {len(body)}"
    return f"POST /v1/chat/completions HTTP/1.1\r\n{head}\r\n\r\n".encode() + body


@pytest.fixture(scope="module")
def ready() -> Iterator[Engine]:
    """One loaded engine for every test that only asks."""
    with engine(demo_model_path(), "--alias", DEMO_ALIAS, "--parallel", "2") as running:
        running.wait_for_status(200)
        yield running


def counters(running: Engine) -> dict[str, float]:
    """/metrics as numbers by name."""
    rows = re.findall(
        r"^(llamacpp:\w+) (\S+)$", running.request("GET", "/metrics")[1], re.MULTILINE
    )
    return {name: float(value) for name, value in rows}


def test_a_chat_is_answered_and_counted(ready: Engine) -> None:
    before = counters(ready)
    status, text = ready.request("POST", "/v1/chat/completions", chat(max_tokens=1))
    assert status == 200
    answer: dict[str, Any] = json.loads(text)
    assert answer["model"] == DEMO_ALIAS
    assert answer["usage"]["completion_tokens"] == 1
    after = counters(ready)
    assert after["llamacpp:tokens_predicted_total"] == before["llamacpp:tokens_predicted_total"] + 1
    assert after["llamacpp:prompt_tokens_total"] > before["llamacpp:prompt_tokens_total"]


def test_metrics_have_the_names_of_the_canned_answer(ready: Engine) -> None:
    names = re.findall(r"^# TYPE (\S+ \S+)", (FIXTURES / "metrics.txt").read_text(), re.MULTILINE)
    assert len(names) == 15
    _, text = ready.request("GET", "/metrics")
    assert re.findall(r"^# TYPE (\S+ \S+)", text, re.MULTILINE) == names


def test_slots_and_models_have_the_shape_of_the_canned_answers(ready: Engine) -> None:
    slots = json.loads(ready.request("GET", "/slots")[1])
    canned = json.loads((FIXTURES / "slots_idle.json").read_text())
    assert [slot["id"] for slot in slots] == [0, 1]
    assert all(set(slot) >= set(canned[0]) for slot in slots)
    assert not any("prompt" in slot for slot in slots), "what users wrote stays private"
    models = json.loads(ready.request("GET", "/v1/models")[1])
    assert [entry["id"] for entry in models["data"]] == [DEMO_ALIAS]


def test_a_load_is_announced_and_a_stop_lets_a_running_request_finish() -> None:
    with engine(demo_model_path()) as running:
        body = json.loads(running.wait_for_status(503))
        assert body["error"]["message"] == "Loading model"
        running.wait_for_status(200)

        asked = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S)
        asked.sendall(raw_chat(max_tokens=4, ignore_eos=True))
        while not running_requests(running.request("GET", "/metrics")[1]):
            if select.select([asked], [], [], POLL_S)[0]:
                break  # answered between two looks
        running.process.terminate()
        with asked.makefile("rb") as answer:
            assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
            assert b'"completion_tokens":4' in answer.read()
        asked.close()
        exit_code, log = running.left()
        assert exit_code == EngineExit.OK
        assert "loading model" in log


def test_a_stop_does_not_wait_for_a_long_request() -> None:
    with engine(demo_model_path()) as running:
        running.wait_for_status(200)
        asked = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S)
        asked.sendall(raw_chat(max_tokens=400, ignore_eos=True, stream=True))
        assert asked.recv(1), "the stream has begun"
        running.process.send_signal(signal.SIGINT)
        assert running.left()[0] == EngineExit.OK
        asked.close()


def test_a_stop_during_the_load_ends_it_at_once() -> None:
    with engine(demo_model_path()) as running:
        running.wait_for_status(503)
        running.process.terminate()
        # On a busy machine the load may be over by now; what counts is that the process left.
        assert running.left()[0] in {-signal.SIGTERM, EngineExit.OK}


def test_after_a_kill_the_same_port_serves_again() -> None:
    with engine(demo_model_path()) as first:
        first.wait_for_status(200)
        held_open = socket.create_connection(("127.0.0.1", first.port))
        first.process.kill()
        first.process.wait(STOP_S)
        with engine(demo_model_path(), port=first.port) as second:
            second.wait_for_status(200)
        held_open.close()


def refused(model: Path, *flags: str, port: int | None = None) -> tuple[int, str]:
    """Exit code and the one line of ours on stderr."""
    with engine(model, *flags, port=port) as running:
        exit_code, log = running.left()
    (line,) = [line for line in log.splitlines() if line.startswith(PREFIX)]
    return exit_code, line.removeprefix(PREFIX)


def test_a_taken_port_is_refused_before_the_load() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        exit_code, line = refused(demo_model_path(), port=port)
    assert exit_code == EngineExit.PORT_TAKEN
    assert line.startswith(f"port {port} on 127.0.0.1 is already in use")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.gguf"
    path.write_bytes(b"<!doctype html>" + bytes(100))
    exit_code, line = refused(path)
    assert exit_code == EngineExit.NOT_A_GGUF
    assert line.startswith(f"{path} is not a usable GGUF model")


def test_a_cut_off_model_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    with demo_model_path().open("rb") as whole:
        path.write_bytes(whole.read(30_000_000))
    exit_code, line = refused(path)
    assert exit_code == EngineExit.NOT_A_GGUF
    assert re.search(r"incomplete: 65\.\d MiB are missing", line)


def test_a_model_that_does_not_fit_is_refused(write_gguf: Callable[..., Path]) -> None:
    names = ("block_count", "attention.head_count", "attention.key_length")
    huge = {"general.architecture": "llama", **{f"llama.{name}": 1000 for name in names}}
    exit_code, line = refused(write_gguf(huge), "--gpu-layers", "0")
    assert exit_code == EngineExit.TOO_LITTLE_MEMORY
    assert line.startswith("too little memory: the model needs about 953.7 GiB")


def test_running_requests_count_those_at_work_and_those_waiting() -> None:
    assert running_requests((FIXTURES / "metrics_busy.txt").read_text()) == 1
    assert running_requests((FIXTURES / "metrics.txt").read_text()) == 0
    assert running_requests("llamacpp:requests_processing 2\nllamacpp:requests_deferred 3\n") == 5
