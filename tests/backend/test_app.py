"""The whole sidecar as a process, over real model server processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import psutil
import pytest
from fakes.archives import unpacked
from fakes.running_sidecar import RunningSidecar, fake_endpoint, until

from tests.tools.loopback import alive

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")


def test_a_killed_model_server_is_back_online_by_itself(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint("one")]}) as sidecar:
        before = sidecar.wait_state("one", "online")["process_id"]
        os.kill(before, signal.SIGKILL)
        until(lambda: sidecar.model("one")["restart_count"] == 1)
        after = sidecar.wait_state("one", "online")
        assert after["process_id"] not in (None, before)
        incident = sidecar.get("/api/incidents")["incidents"][0]
        assert incident["outcome"] == "healed"
        assert incident["evidence"]["signal"] == "SIGKILL"
        steps = [step["step"] for step in incident["steps"]]
        assert steps == [
            *("detected", "evidence", "port"),
            *("start", "wait_ready", "verify_ready", "close"),
        ]


def test_a_hanging_model_server_is_replaced(tmp_path: Path) -> None:
    endpoint = fake_endpoint(
        "one", "--ignore-sigterm", timeout=2.0, probes={"inference": {"timeout_s": 2.0}}
    )
    document = {"check_interval": 0.2, "endpoints": [endpoint]}
    with RunningSidecar(tmp_path, document) as sidecar:
        before = sidecar.wait_state("one", "online")["process_id"]
        os.kill(before, signal.SIGSTOP)
        until(lambda: sidecar.model("one")["restart_count"] == 1)
        after = sidecar.wait_state("one", "online")
        assert after["process_id"] != before
        assert not alive(before)
        steps = [step["step"] for step in sidecar.get("/api/incidents")["incidents"][0]["steps"]]
        assert steps[:5] == ["detected", "evidence", "verify", "graceful_stop", "forced_stop"]


def test_sigterm_ends_sidecar_and_models_with_code_0(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("polite"), fake_endpoint("deaf", "--ignore-sigterm")]}
    with RunningSidecar(tmp_path, document) as sidecar:
        pids = [sidecar.wait_state(name, "online")["process_id"] for name in ("polite", "deaf")]
        sidecar.process.send_signal(signal.SIGTERM)
        assert sidecar.process.wait(60) == 0
        assert not any(alive(pid) for pid in pids)
        assert not (tmp_path / "run" / "sidecar.json").exists()


def test_ctrl_c_ends_it_with_code_0(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        sidecar.process.send_signal(signal.SIGINT)
        assert sidecar.process.wait(60) == 0
        assert "Traceback" not in sidecar.output


def test_an_endpoint_that_is_to_be_kept_outlives_the_sidecar(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one", on_exit="keep")]}
    with RunningSidecar(tmp_path, document) as sidecar:
        pid = sidecar.wait_state("one", "online")["process_id"]
        sidecar.process.send_signal(signal.SIGTERM)
        assert sidecar.process.wait(60) == 0
        assert alive(pid)


def test_a_model_that_outlived_a_killed_sidecar_is_found_again(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one")]}
    with RunningSidecar(tmp_path, document) as first:
        pid = first.wait_state("one", "online")["process_id"]
        first.process.kill()
        first.process.wait()
        assert alive(pid)
        with RunningSidecar(tmp_path, document) as second:
            assert second.wait_state("one", "online")["process_id"] == pid
            os.kill(pid, signal.SIGKILL)
            until(lambda: second.model("one")["restart_count"] == 1)
            assert second.wait_state("one", "online")["process_id"] != pid


def test_switches_survive_a_restart_and_leave_the_config_file_alone(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one")]}
    with RunningSidecar(tmp_path, document) as first:
        first.wait_state("one", "online")
        first.post("/api/ai-monitor/models/one/disable")
        first.post("/api/ai-monitor/debug", {"enabled": True})
        assert first.model("one")["state"] == "disabled"
    with RunningSidecar(tmp_path, document) as second:
        assert second.model("one")["state"] == "disabled"
        assert second.get("/api/ai-monitor/status")["data"]["debug_mode"] is True
    assert json.loads((tmp_path / "given.json").read_bytes()) == document


def test_in_debug_mode_an_incident_leaves_a_bundle_without_secrets(tmp_path: Path) -> None:
    planted = "planted-secret-4711"
    endpoint = fake_endpoint("one", headers={"X-Plain": planted}, env={"MY_API_KEY": planted})
    with RunningSidecar(tmp_path, {"debug_mode": True, "endpoints": [endpoint]}) as sidecar:
        sidecar.wait_state("one", "online")
        with (tmp_path / "logs" / "endpoints" / "one.log").open("a") as log:
            log.write(f"careless: {planted}\n")
        # What is not read within 2 s is left out of a bundle: a busy machine may need another one.
        assert any(
            "careless: •••" in bundle_of_an_end(sidecar, nth, planted) for nth in range(1, 6)
        )


def bundle_of_an_end(sidecar: RunningSidecar, nth: int, planted: str) -> str:
    """Kill the endpoint's process for the nth time; all texts of the bundle about that."""
    os.kill(sidecar.wait_state("one", "online")["process_id"], signal.SIGKILL)
    until(lambda: sidecar.model("one")["restart_count"] == nth)
    sidecar.wait_state("one", "online")
    incident = sidecar.get("/api/incidents")["incidents"][0]
    taken = next(step for step in incident["steps"] if step["step"] == "diagnostics")
    bundle = sidecar.get("/api/bundles")["bundles"][0]
    assert bundle["incident_id"] == incident["id"]
    assert (taken["ok"], taken["detail"]) == (True, bundle["name"])
    found = unpacked((sidecar.folder / "bundles" / bundle["name"]).read_bytes())
    assert not [path for path, text in found.items() if planted in text]
    return "\n".join(found.values())


def test_in_debug_mode_an_endpoint_gets_out_of_a_port_thiefs_way(tmp_path: Path) -> None:
    endpoint = fake_endpoint("one", restart={"backoff_initial_s": 12})
    with RunningSidecar(tmp_path, {"debug_mode": True, "endpoints": [endpoint]}) as sidecar:
        os.kill(sidecar.wait_state("one", "online")["process_id"], signal.SIGKILL)
        until(lambda: sidecar.model("one")["restart_count"] == 1)
        second = sidecar.wait_state("one", "online")
        os.kill(second["process_id"], signal.SIGKILL)
        sidecar.wait_state("one", "backoff")
        with socket.create_server(("127.0.0.1", second["port"])):
            moved = sidecar.wait_state("one", "online")["port"]
        assert moved != second["port"]
        saved = json.loads((tmp_path / "given.json").read_text())
        assert saved["endpoints"][0]["port"] == moved


PRINTS = "import sys\nfor _ in range(25): sys.stdout.write('x' * 4_000_000 + chr(10))\n"
NEVER_READY = "import time; time.sleep(600)"
BAD_COMMANDS = {
    "exits at once": ([sys.executable, "-c", "raise SystemExit(3)"], "failed", "code 3"),
    "prints 100 MB": ([sys.executable, "-c", PRINTS], "failed", "code 0"),
    "is never ready": ([sys.executable, "-c", NEVER_READY], "failed", "not ready within 1 s"),
}


def test_bad_commands_get_a_clear_state_each_and_disturb_nobody(tmp_path: Path) -> None:
    quick = {"restart": {"backoff_initial_s": 0.1, "backoff_max_s": 0.1, "budget": 2}}
    bad: list[dict[str, object]] = [
        fake_endpoint(
            name,
            **quick,
            probes={"startup_budget_s": 1 if name == "is never ready" else 60},
            start_command=command,
            stop={"grace_s": 1},
        )
        for name, (command, _, _) in BAD_COMMANDS.items()
    ]
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint("good"), *bad]}) as sidecar:
        good = sidecar.wait_state("good", "online")
        before = psutil.Process(sidecar.process.pid).memory_info().rss
        for name, (_, state, words) in BAD_COMMANDS.items():
            sidecar.wait_state(name, state)
            views = sidecar.get("/api/endpoints")["endpoints"]
            view = next(view for view in views if view["name"] == name)
            assert words in view["reason"], name
            assert view["hint"], name
        assert sidecar.model("good")["process_id"] == good["process_id"]
        assert psutil.Process(sidecar.process.pid).memory_info().rss < before + 30_000_000


class Endless(BaseHTTPRequestHandler):
    """Streams for ever on one path, and sends everybody in a circle on the other."""

    def do_GET(self) -> None:
        """Answer one request, badly."""
        if self.path == "/circle":
            self.send_response(302)
            self.send_header("Location", "/circle")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"x" * 65_536)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def test_a_health_url_that_streams_for_ever_costs_neither_memory_nor_others(
    tmp_path: Path,
) -> None:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Endless) for _ in range(2)]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    first, second = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
    stream = {"name": "stream", "url": first, "health_endpoint": "/stream"}
    circle = {"name": "circle", "url": second, "health_endpoint": "/circle"}
    circle["expected_response"] = "well"
    document = {"check_interval": 0.2, "endpoints": [fake_endpoint("good"), stream, circle]}
    try:
        with RunningSidecar(tmp_path, document) as sidecar:
            good = sidecar.wait_state("good", "online")
            sidecar.wait_state("stream", "offline")
            sidecar.wait_state("circle", "offline")
            before = psutil.Process(sidecar.process.pid).memory_info().rss
            checked = sidecar.model("stream")["last_check"]
            until(lambda: sidecar.model("stream")["last_check"] != checked)
            assert sidecar.model("stream")["error_message"]
            assert "does not contain" in sidecar.model("circle")["error_message"]
            assert sidecar.model("good")["process_id"] == good["process_id"]
            assert psutil.Process(sidecar.process.pid).memory_info().rss < before + 30_000_000
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


@pytest.mark.parametrize("name", ["a/b", "quo\"te's", "лама 🦙", "مرحبا بالعالم", "100%25"])
def test_any_name_works_on_every_address(tmp_path: Path, name: str) -> None:
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint(name)]}) as sidecar:
        sidecar.wait_state(name, "online")
        quoted = urllib.parse.quote(name, safe="")
        assert sidecar.get(f"/api/endpoints/{quoted}")["name"] == name
        sidecar.post(f"/api/ai-monitor/models/{quoted}/disable")
        assert sidecar.model(name)["state"] == "disabled"
