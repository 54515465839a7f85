"""The real engine with the real demo model, as the process that the supervisor starts."""

from __future__ import annotations

import json
import re
import select
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from engine.real_engine import PATIENCE_S, POLL_S, STOP_S, Engine, chat, engine, raw_chat

from llama_runner_pro.engine.demo import DEMO_ALIAS, demo_model_path
from llama_runner_pro.engine.exit_codes import PREFIX, EngineExit
from llama_runner_pro.engine.worker import running_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIXTURES = Path(__file__).parents[1] / "fixtures" / "llamacpp"
HUGE = {
    "general.architecture": "llama",
    "llama.block_count": 1000,
    "llama.attention.head_count": 1000,
    "llama.attention.key_length": 1000,
}


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


def test_a_load_is_announced() -> None:
    for _ in range(10):
        with engine(demo_model_path()) as running:
            status, body = running.first_answer()
            running.wait_until_ready()
            assert "loading model" in running.log.read_text()
        if status != 200:
            break  # A busy machine may look when it is over.
    assert (status, json.loads(body)["error"]["message"]) == (503, "Loading model")


def test_a_stop_lets_a_running_request_finish() -> None:
    with engine(demo_model_path(), "--drain-ms", "300000") as running:
        running.wait_until_ready()
        asked = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S)
        with asked, asked.makefile("rb") as answer:
            asked.sendall(raw_chat(max_tokens=4, ignore_eos=True))
            while not running_requests(running.request("GET", "/metrics")[1]):
                if select.select([asked], [], [], POLL_S)[0]:
                    break  # answered between two looks
            running.process.terminate()
            assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
            assert b'"completion_tokens":4' in answer.read()
        exit_code, log = running.left()
        assert exit_code == EngineExit.OK
        assert PREFIX not in log, "that prefix is kept for refusals"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_does_not_wait_for_a_long_request(number: signal.Signals) -> None:
    with engine(demo_model_path(), "--drain-ms", "0") as running:
        running.wait_until_ready()
        asked = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S)
        with asked:
            asked.sendall(raw_chat(max_tokens=400, ignore_eos=True, stream=True))
            assert asked.recv(1), "the stream has begun"
            running.process.send_signal(number)
            assert running.left()[0] == EngineExit.OK


def test_a_second_stop_cuts_the_wait_short() -> None:
    with engine(demo_model_path(), "--drain-ms", "600000") as running:
        running.wait_until_ready()
        asked = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S)
        with asked:
            asked.sendall(raw_chat(max_tokens=450, ignore_eos=True, stream=True))
            assert asked.recv(1), "the stream has begun"
            running.process.terminate()
            running.wait_for_log("engine is stopping")
            running.process.terminate()
            exit_code, log = running.left()
            assert exit_code == EngineExit.OK
            assert "Traceback" not in log


def test_a_stop_during_the_load_ends_it_at_once() -> None:
    with engine(demo_model_path()) as running:
        running.first_answer()
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


def refused(
    model: Path, *flags: str, port: int | None = None, library: Path | None = None
) -> tuple[int, str]:
    """Exit code and the one line of ours on stderr."""
    with engine(model, *flags, port=port, library=library) as running:
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
    exit_code, line = refused(write_gguf(HUGE), "--gpu-layers", "0")
    assert exit_code == EngineExit.TOO_LITTLE_MEMORY
    assert line.startswith("too little memory: the model needs about 953.7 GiB")


LIBRARY_WITH_A_GPU = """
import enum, types
ggml_backend_dev_type = enum.IntEnum("T", {"GGML_BACKEND_DEVICE_TYPE_CPU": 1, "GPU": 2})
get_device_info = lambda: [{"type": ggml_backend_dev_type.GPU}]
class CommonParams(types.SimpleNamespace):
    def __init__(self):
        names = ("model", "cpuparams", "cpuparams_batch")
        super().__init__(**{name: types.SimpleNamespace() for name in names})
class Server:
    def __init__(self, params):
        raise RuntimeError("no")
"""


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("ModuleNotFoundError", "run `pip install"),
        ("ImportError('libgomp.so.1: no such file')", "install the system package libgomp1"),
        ("ImportError('libcuda.so.1: no such file')", "cannot be loaded: libcuda.so.1"),
    ],
)
def test_without_its_library_the_engine_says_what_to_install(
    tmp_path: Path, error: str, advice: str
) -> None:
    (tmp_path / "xllamacpp.py").write_text(f"raise {error}")
    exit_code, line = refused(demo_model_path(), library=tmp_path)
    assert exit_code == EngineExit.NOT_INSTALLED
    assert advice in line


def test_memory_is_left_to_llama_cpp_on_a_gpu_and_its_refusal_is_told(
    tmp_path: Path, write_gguf: Callable[..., Path]
) -> None:
    (tmp_path / "xllamacpp.py").write_text(LIBRARY_WITH_A_GPU)
    path = write_gguf(HUGE)
    exit_code, line = refused(path, library=tmp_path)
    assert exit_code == EngineExit.LOAD_FAILED
    assert line == f"llama.cpp could not load {path}: its log lines above say why"
    on_cpu = refused(path, "--gpu-layers", "0", "--threads", "2", library=tmp_path)
    assert on_cpu[0] == EngineExit.TOO_LITTLE_MEMORY


def test_running_requests_count_those_at_work_and_those_waiting() -> None:
    assert running_requests((FIXTURES / "metrics_busy.txt").read_text()) == 1
    assert running_requests((FIXTURES / "metrics.txt").read_text()) == 0
    assert running_requests("llamacpp:requests_processing 2\nllamacpp:requests_deferred 3\n") == 5
