"""Every fault of the fake model server, shown by a real process."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.running_sidecar import until

from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("fake_model_server.py")
PATIENCE_S = 60.0
SHORT_S = 0.3
"""How long a test watches that something does NOT happen."""
CHAT = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 4}


class Running:
    """One fake server process and a plain HTTP client for it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def request(
        self, method: str, path: str, body: object = None, timeout_s: float = PATIENCE_S
    ) -> tuple[int, bytes]:
        """One exchange on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def control(self, fault: str, value: object = None) -> None:
        """Switch a fault."""
        status, body = self.request("POST", "/__control", {"fault": fault, "value": value})
        assert status == 200, body

    def counters(self) -> dict[str, Any]:
        """What the control endpoint shows."""
        counters: dict[str, Any] = json.loads(self.request("GET", "/__control")[1])
        return counters


@contextmanager
def spawned(*flags: str) -> Iterator[subprocess.Popen[str]]:
    """The process alone; killed at the end whatever happens."""
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def running(*flags: str) -> Iterator[Running]:
    """The process, once it listens."""
    with spawned(*flags) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening 127.0.0.1:"), line
        yield Running(process, int(line.split()[1].rpartition(":")[2]))


def test_it_answers_like_llama_cpp() -> None:
    with running("--model", "tiny") as server:
        assert server.request("GET", "/health") == (200, b'{"status": "ok"}')
        assert json.loads(server.request("GET", "/v1/models")[1])["data"][0]["id"] == "tiny"
        assert json.loads(server.request("GET", "/props")[1])["total_slots"] == 1
        assert server.request("GET", "/nowhere")[0] == 404

        chat = json.loads(server.request("POST", "/v1/chat/completions", CHAT)[1])
        assert chat["choices"][0]["message"]["content"] == "Once upon a time"
        plain = json.loads(server.request("POST", "/completion", {"n_predict": 1})[1])
        assert plain["content"] == "Once"
        bare = json.loads(server.request("POST", "/v1/completions", {"max_tokens": 1})[1])
        assert bare["choices"][0]["text"] == "Once"

        slot = json.loads(server.request("GET", "/slots")[1])[0]
        assert (slot["is_processing"], slot["next_token"][0]["n_decoded"]) == (False, 6)
        assert b"\nllamacpp:tokens_predicted_total 6\n" in server.request("GET", "/metrics")[1]


def test_a_stream_ends_with_done_unless_it_is_truncated() -> None:
    with running() as server:
        wanted = {**CHAT, "stream": True}
        _, whole = server.request("POST", "/v1/chat/completions", wanted)
        assert whole.count(b"data: ") == 5
        assert whole.endswith(b"data: [DONE]\n\n")

        server.control("truncate-stream")
        with pytest.raises(IncompleteRead):
            server.request("POST", "/v1/chat/completions", wanted)


def test_a_connection_is_kept_alive() -> None:
    with running() as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
        for _ in range(3):
            connection.request("GET", "/health")
            assert connection.getresponse().read() == b'{"status": "ok"}'
        connection.close()
        assert server.counters()["paths"] == {"/health": 3}


def test_it_is_not_listening_during_the_startup_delay() -> None:
    port = free_port()
    with spawned("--port", str(port), "--startup-delay", "30") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(SHORT_S)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def test_it_says_loading_until_it_is_told_that_it_is_over() -> None:
    with running("--loading", "3600") as server:
        status, body = server.request("GET", "/health")
        assert (status, json.loads(body)["error"]["message"]) == (503, "Loading model")
        assert server.request("POST", "/v1/chat/completions", CHAT)[0] == 503
        server.control("loaded")
        assert server.request("GET", "/health")[0] == 200


def test_it_says_loading_until_the_time_is_over() -> None:
    with running("--loading", "0.3") as server:
        until(lambda: server.request("GET", "/health")[0] == 200)


def test_it_hangs_after_n_requests_but_control_still_answers() -> None:
    with running("--hang-after", "1") as server:
        assert server.request("GET", "/health")[0] == 200
        with pytest.raises(TimeoutError):
            server.request("GET", "/health", timeout_s=SHORT_S)
        until(lambda: server.counters()["received"] == 2)
        assert server.counters()["answered"] == 1


def test_only_health_hangs_when_asked_to_and_recovers_on_none() -> None:
    with running("--hang-health") as server:
        with pytest.raises(TimeoutError):
            server.request("GET", "/health", timeout_s=SHORT_S)
        assert server.request("GET", "/v1/models")[0] == 200
        server.control("none")
        assert server.request("GET", "/health")[0] == 200


def test_it_crashes_after_n_answers_with_the_chosen_exit_code() -> None:
    with running("--crash-after", "2", "--exit-code", "7") as server:
        for _ in range(2):
            assert server.request("GET", "/health")[0] == 200
        assert server.process.wait(PATIENCE_S) == 7


def test_it_crashes_at_start_or_at_once_on_command() -> None:
    with spawned("--crash-at-start", "--exit-code", "3") as process:
        assert process.wait(PATIENCE_S) == 3
    with running() as server:
        with pytest.raises(ConnectionError):
            server.control("crash", 9)
        assert server.process.wait(PATIENCE_S) == 9


def test_sigterm_ends_it_unless_it_ignores_that_signal() -> None:
    with running() as server:
        server.process.terminate()
        assert server.process.wait(PATIENCE_S) == 0
    with running("--ignore-sigterm") as server:
        server.process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(SHORT_S)
        assert server.request("GET", "/health")[0] == 200


@pytest.mark.parametrize("kind", ["group", "session"])
def test_a_grandchild_holds_the_port_after_the_parent_died(kind: str) -> None:
    with running("--fork-holder", kind) as server:
        holder_pid = server.counters()["holder_pid"]
        try:
            same_group = os.getpgid(holder_pid) == os.getpgid(server.process.pid)
            assert same_group == (kind == "group")
            os.kill(holder_pid, signal.SIGTERM)
            server.process.kill()
            server.process.wait(PATIENCE_S)
            with pytest.raises(OSError, match="in use"):
                socket.create_server(("127.0.0.1", server.port)).close()
        finally:
            os.kill(holder_pid, signal.SIGKILL)


def test_the_endless_log_is_written_without_end_and_stops_on_none() -> None:
    with running("--endless-log", "100") as server:
        assert server.process.stderr is not None
        lines = [server.process.stderr.readline() for _ in range(20)]
        assert lines[-1] == "srv  update_slots: endless log line 20\n"
        server.control("none")
        assert server.counters()["faults"]["endless-log"] == 0


def test_health_gives_the_status_asked_for() -> None:
    with running("--status", "500") as server:
        assert server.request("GET", "/health")[0] == 500
        server.control("status", 429)
        assert server.request("GET", "/health")[0] == 429


def test_completions_fail_while_health_is_fine() -> None:
    with running("--fail-completions") as server:
        assert server.request("GET", "/health")[0] == 200
        assert server.request("POST", "/v1/chat/completions", CHAT)[0] == 500


def test_a_slow_server_shows_its_request_as_running() -> None:
    with running() as server:
        server.control("slow", 100)
        slow = socket.create_connection(("127.0.0.1", server.port))
        body = json.dumps({**CHAT, "max_tokens": 1000, "stream": True}).encode()
        slow.sendall(b"POST /completion HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert slow.recv(1), "the stream has begun"
        slot = json.loads(server.request("GET", "/slots")[1])[0]
        assert slot["is_processing"] is True
        slow.close()


def test_the_out_of_memory_text_is_printed_and_the_exit_code_is_1() -> None:
    with spawned("--oom-text") as process:
        _, text = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 1
        assert "cudaMalloc failed: out of memory" in text


def test_leaked_memory_is_resident() -> None:
    with running("--leak", "50") as server:
        server.control("leak", 30)
        assert resident_bytes(server.process.pid) > 80_000_000


def test_readiness_is_told_through_a_descriptor_and_an_unknown_fault_is_refused() -> None:
    told, teller = os.pipe()
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), "--ready-fd", str(teller)],
        stdout=subprocess.DEVNULL,
        pass_fds=(teller,),
    ) as process:
        os.close(teller)
        try:
            assert select.select([told], [], [], PATIENCE_S)[0]
            line = os.read(told, 200).decode()
            server = Running(process, int(line.split()[1].rpartition(":")[2]))  # type: ignore[arg-type]
            assert server.request("POST", "/__control", {"fault": "nonsense"})[0] == 400
        finally:
            process.kill()
            os.close(told)


def resident_bytes(pid: int) -> int:
    """What a process keeps in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
