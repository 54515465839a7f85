"""The whole sidecar as a process, over real model server processes."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest
from fakes.archives import unpacked
from fakes.running_sidecar import RunningSidecar, alive, fake_endpoint, until

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
    endpoint = fake_endpoint("one", timeout=0.3, probes={"inference": {"timeout_s": 0.5}})
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
        assert sidecar.process.wait(10) == 0
        assert not any(alive(pid) for pid in pids)
        assert not (tmp_path / "run" / "sidecar.json").exists()


def test_ctrl_c_ends_it_with_code_0(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        sidecar.process.send_signal(signal.SIGINT)
        assert sidecar.process.wait(10) == 0
        assert "Traceback" not in sidecar.output


def test_an_endpoint_that_is_to_be_kept_outlives_the_sidecar(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one", on_exit="keep")]}
    with RunningSidecar(tmp_path, document) as sidecar:
        pid = sidecar.wait_state("one", "online")["process_id"]
        sidecar.process.send_signal(signal.SIGTERM)
        assert sidecar.process.wait(10) == 0
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
        before = sidecar.wait_state("one", "online")["process_id"]
        with (tmp_path / "logs" / "endpoints" / "one.log").open("a") as log:
            log.write(f"careless: {planted}\n")
        os.kill(before, signal.SIGKILL)
        until(lambda: sidecar.model("one")["restart_count"] == 1)
        sidecar.wait_state("one", "online")
        incident = sidecar.get("/api/incidents")["incidents"][0]
        taken = next(step for step in incident["steps"] if step["step"] == "diagnostics")
        (bundle,) = sidecar.get("/api/bundles")["bundles"]
        assert bundle["incident_id"] == incident["id"]
        assert (taken["ok"], taken["detail"]) == (True, bundle["name"])
        found = unpacked((tmp_path / "bundles" / bundle["name"]).read_bytes())
        assert any("careless: •••" in text for text in found.values())
        assert not [path for path, text in found.items() if planted in text]


def test_in_debug_mode_an_endpoint_gets_out_of_a_port_thiefs_way(tmp_path: Path) -> None:
    endpoint = fake_endpoint("one", restart={"backoff_initial_s": 2})
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
