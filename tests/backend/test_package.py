"""Promises of the whole sidecar about models: found again, named, limited, in order."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from fakes.running_sidecar import RunningSidecar, fake_endpoint, until

from llama_runner_pro.engine.demo import demo_model_path
from tests.tools.loopback import alive, free_port

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

GREEDY = Path(__file__).parents[1] / "tools" / "greedy_server.py"


def generate(port: int, *, slow: bool = True) -> threading.Thread:
    """A stream of tokens, slow enough to go on for a while; read to its end in a thread."""
    if slow:
        control(port, {"fault": "slow", "value": 300})
    body = json.dumps({"stream": True, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions",
        data=body,
        headers={"content-type": "application/json"},
    )

    def read() -> None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(request, timeout=60).read()

    reading = threading.Thread(target=read)
    reading.start()
    return reading


def control(port: int, body: object) -> None:
    """Switch a fault of the fake server."""
    urllib.request.urlopen(
        urllib.request.Request(
            f"http://127.0.0.1:{port}/__control", data=json.dumps(body).encode(), method="POST"
        ),
        timeout=60,
    ).close()


def listens(port: int) -> bool:
    """The fake server does; what nobody answers raises."""
    control(port, {"fault": "none"})
    return True


def copies(port: int) -> list[int]:
    """Processes that were started to listen on `port`."""
    running = psutil.process_iter(["pid", "cmdline"])
    named = [one.info["pid"] for one in running if str(port) in (one.info["cmdline"] or ())]
    return [pid for pid in named if alive(pid)]


class TestAdoption:
    def test_numbers_go_on_after_the_sidecar_was_killed_while_a_model_generates(
        self, tmp_path: Path
    ) -> None:
        endpoint: dict[str, Any] = fake_endpoint("one")
        with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as first:
            os.kill(first.wait_state("one", "online")["process_id"], signal.SIGKILL)
            until(lambda: first.model("one")["restart_count"] == 1)
            pid = first.wait_state("one", "online")["process_id"]
            reading = generate(endpoint["port"])
            first.process.kill()
            first.process.wait()
            with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as second:
                found = second.wait_state("one", "online")
                assert (found["process_id"], found["restart_count"]) == (pid, 1)
                assert copies(endpoint["port"]) == [pid]
                assert [one["outcome"] for one in incidents(second)] == ["healed"]
                assert second.get("/api/endpoints/one")["incarnation"] == 2
                reading.join()
                os.kill(pid, signal.SIGKILL)
                until(lambda: second.model("one")["restart_count"] == 2)
                assert second.wait_state("one", "online")["process_id"] != pid
                assert len(incidents(second)) == 2

    def test_a_model_that_still_loads_is_not_started_again(self, tmp_path: Path) -> None:
        endpoint: dict[str, Any] = fake_endpoint("one", "--loading", "3600")
        with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as first:
            pid = first.wait_state("one", "loading")["process_id"]
            first.process.kill()
            first.process.wait()
            with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as second:
                assert second.wait_state("one", "loading")["process_id"] == pid
                control(endpoint["port"], {"fault": "loaded"})
                found = second.wait_state("one", "online")
                assert (found["process_id"], found["restart_count"]) == (pid, 0)

    def test_a_death_that_nobody_saw_is_an_incident_too(self, tmp_path: Path) -> None:
        document = {"endpoints": [fake_endpoint("one")]}
        with RunningSidecar(tmp_path, document) as first:
            pid = first.wait_state("one", "online")["process_id"]
            first.process.kill()
            first.process.wait()
        until(lambda: not alive(pid))
        with RunningSidecar(tmp_path, document) as second:
            assert second.wait_state("one", "online")["restart_count"] == 1
            (incident,) = incidents(second)
            assert (incident["cause"], incident["outcome"]) == ("exit", "healed")

    def test_a_process_that_was_started_in_the_moment_of_a_kill_is_found(
        self, tmp_path: Path
    ) -> None:
        endpoint: dict[str, Any] = fake_endpoint("one")
        killing = 'kill -9 $PPID; exec "$@"'
        command = ["sh", "-c", killing, "sh", *endpoint["start_command"]]
        document = {"endpoints": [{**endpoint, "start_command": command}]}
        RunningSidecar(tmp_path, document).process.wait(60)
        (pid,) = until(lambda: copies(endpoint["port"]))
        with RunningSidecar(tmp_path, document) as second:
            assert second.wait_state("one", "online")["process_id"] == pid
            assert copies(endpoint["port"]) == [pid]
        assert not alive(pid)

    def test_a_repair_that_a_kill_cut_off_is_one_incident_with_its_whole_duration(
        self, tmp_path: Path
    ) -> None:
        endpoint: dict[str, Any] = fake_endpoint("one", "--loading", "3600")
        document = {"endpoints": [endpoint]}
        with RunningSidecar(tmp_path, document) as first:
            first.wait_state("one", "loading")
            control(endpoint["port"], {"fault": "loaded"})
            os.kill(first.wait_state("one", "online")["process_id"], signal.SIGKILL)
            first.wait_state("one", "healing")
            (begun,) = until(lambda: incidents(first))
            assert begun["outcome"] is None
            until(lambda: listens(endpoint["port"]))
            first.process.kill()
            first.process.wait()
            with RunningSidecar(tmp_path, document) as second:
                restarted_ms = time.time() * 1000
                control(endpoint["port"], {"fault": "loaded"})
                second.wait_state("one", "online")
                (ended,) = until(
                    lambda: found if (found := incidents(second))[0]["outcome"] else None
                )
        assert (ended["id"], ended["outcome"]) == (begun["id"], "healed")
        assert ended["closed_ms"] > restarted_ms > ended["opened_ms"] == begun["opened_ms"]
        assert ended["duration_ms"] == pytest.approx(
            ended["closed_ms"] - ended["opened_ms"], abs=1500
        )


def test_a_foreign_holder_of_the_port_is_named_and_another_port_is_a_click_away(
    tmp_path: Path,
) -> None:
    endpoint: dict[str, Any] = fake_endpoint("one")
    with socket.socket() as theirs:
        theirs.bind(("127.0.0.1", endpoint["port"]))
        theirs.listen()
        with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as sidecar:
            sidecar.wait_state("one", "offline")
            sidecar.post("/api/ai-monitor/models/one/heal")
            sidecar.wait_state("one", "failed")
            view = sidecar.get("/api/endpoints/one")
            assert f"(pid {os.getpid()})" in view["reason"]
            assert view["proposal"]["kind"] == "port"
            sidecar.post("/api/ai-monitor/models/one/accept-proposal", token=sidecar.token)
            online = sidecar.wait_state("one", "online")
            assert online["port"] == view["proposal"]["port"]
            written = json.loads((tmp_path / "given.json").read_bytes())
            assert written["endpoints"][0]["port"] == online["port"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit for a running process")
def test_memory_that_runs_out_for_real_is_tried_once_more_and_then_told(tmp_path: Path) -> None:
    endpoint = fake_endpoint(
        "one", limits={"memory_bytes": 600_000_000}, restart={"backoff_initial_s": 0.1}
    )
    endpoint["start_command"] = [sys.executable, str(GREEDY), "${PORT}"]
    with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as sidecar:
        sidecar.wait_state("one", "failed")
        view = sidecar.get("/api/endpoints/one")
        assert view["reason"].startswith("ran out of memory 2 times")
        (incident,) = incidents(sidecar)
        assert incident["evidence"]["oom"].startswith("its log says: MemoryError")
        assert incident["outcome"] == "failed"


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit for a running process")
def test_an_engine_that_runs_out_of_memory_comes_up_with_what_is_proposed(tmp_path: Path) -> None:
    # The cache of 65 536 tokens takes 1.4 GiB; that of half as many fits beside the rest.
    endpoint: dict[str, Any] = {
        "name": "one",
        "kind": "embedded",
        "port": free_port(),
        "model_path": str(demo_model_path()),
        "parameters": {"ctx-size": 65_536},
        "limits": {"memory_bytes": 1_600_000_000},
        "restart": {"backoff_initial_s": 0.1},
    }
    with RunningSidecar(tmp_path, {"endpoints": [endpoint]}) as sidecar:
        sidecar.wait_state("one", "failed")
        view = sidecar.get("/api/endpoints/one")
        assert view["reason"].startswith("ran out of memory 2 times")
        assert view["proposal"]["parameters"] == {"ctx-size": 32_768}
        (incident,) = incidents(sidecar)
        assert "failed to allocate" in incident["evidence"]["oom"]
        assert [step["step"] for step in incident["steps"]].count("start") == 1
        sidecar.post("/api/ai-monitor/models/one/accept-proposal", token=sidecar.token)
        sidecar.wait_state("one", "online")
        written = json.loads((tmp_path / "given.json").read_bytes())
        assert written["endpoints"][0]["parameters"] == {"ctx-size": 32_768}


def test_a_request_that_is_stuck_is_found_while_the_health_check_passes(tmp_path: Path) -> None:
    probes = {"stall_s": 1.0, "inference": {"timeout_s": 0.5}}
    endpoint: dict[str, Any] = fake_endpoint("one", probes=probes)
    document = {"check_interval": 1.0, "endpoints": [endpoint]}
    with RunningSidecar(tmp_path, document) as sidecar:
        before = sidecar.wait_state("one", "online")["process_id"]
        control(endpoint["port"], {"fault": "stuck"})
        reading = generate(endpoint["port"], slow=False)
        until(lambda: sidecar.model("one")["restart_count"] == 1)
        assert sidecar.wait_state("one", "online")["process_id"] != before
        (incident,) = incidents(sidecar)
        assert (incident["cause"], incident["outcome"]) == ("stalled", "healed")
        assert incident["summary"].startswith("a request has made no progress for ")
        reading.join()


def test_a_parents_outage_raises_no_alarm_of_its_child(tmp_path: Path) -> None:
    parent = fake_endpoint("db", "--crash-at-start", restart={"budget": 1})
    child = fake_endpoint("app", depends_on=["db"])
    with RunningSidecar(tmp_path, {"endpoints": [child, parent]}) as sidecar:
        sidecar.wait_state("db", "failed")
        view = until(
            lambda: shown if (shown := sidecar.get("/api/endpoints/app"))["waiting_for"] else None
        )
        assert (view["waiting_for"], view["state"]) == ("db", "offline")
        assert [one["endpoint"] for one in until(lambda: incidents(sidecar))] == ["db"]
        assert copies(int(str(child["port"]))) == []


def test_another_service_on_the_port_is_named(tmp_path: Path) -> None:
    fake = fake_endpoint("real")
    strange = {"name": "strange", "kind": "ollama", "port": fake["port"]}
    with RunningSidecar(tmp_path, {"endpoints": [fake]}) as sidecar:
        pid = sidecar.wait_state("real", "online")["process_id"]
        other = tmp_path / "other"
        with RunningSidecar(other, {"endpoints": [strange]}) as second:
            second.wait_state("strange", "offline")
            reason = until(lambda: second.get("/api/endpoints/strange")["reason"])
            assert reason.startswith(
                f"port {fake['port']} answers as llama.cpp server, pid {pid} ("
            )


def incidents(sidecar: RunningSidecar) -> list[dict[str, Any]]:
    """All of them, the newest first."""
    found: list[dict[str, Any]] = sidecar.get("/api/incidents")["incidents"]
    return found
