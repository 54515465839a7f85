"""History and its events in a real sidecar."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from typing import TYPE_CHECKING

import pytest
from fakes.running_sidecar import RunningSidecar, fake_endpoint, until

from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
ASKED = "/api/history?series=cpu_usage_pct&from=-1h"


def test_samples_and_events_outlive_a_killed_sidecar(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint("one")]}) as sidecar:
        pid = sidecar.wait_state("one", "online")["process_id"]
        os.kill(pid, signal.SIGKILL)
        until(lambda: sidecar.model("one")["restart_count"] == 1)
        kinds = until(
            lambda: {"restart", "healed"} <= (kinds := events(sidecar)) and kinds,
        )
        assert kinds >= {"sidecar_start", "load"}
        sidecar.process.kill()
        sidecar.process.wait()
    with RunningSidecar(tmp_path, {"endpoints": []}) as again:
        assert until(lambda: events(again) >= kinds)
        stats = again.get("/api/history/stats")
        assert (stats["available"], stats["set_aside"]) == (True, None)
        assert stats["series_count"] > 20


def events(sidecar: RunningSidecar) -> set[str]:
    """What is marked on the axis."""
    return {event["kind"] for event in sidecar.get(ASKED)["events"]}


def test_a_breaker_that_opens_and_closes_is_on_the_axis(tmp_path: Path) -> None:
    ports = {
        name: {"port": free_port(), "alternative_port": free_port()}
        for name in ("openai", "ollama")
    }
    document = {"endpoints": [fake_endpoint("one")], "gateway": ports}
    with RunningSidecar(tmp_path, document, gateway=True) as sidecar:
        sidecar.wait_state("one", "online")
        ask(ports["openai"]["port"])
        # A second one, when the first request came before the server had named its model.
        breaker = until(lambda: sidecar.get("/api/gateway")["breakers"])[0]
        for action in ("open", "reset"):
            command = {name: breaker[name] for name in ("endpoint", "model")} | {"action": action}
            sidecar.post("/api/gateway/breakers", command)
        assert until(lambda: {"breaker_open", "breaker_closed"} <= events(sidecar))


def ask(port: int) -> None:
    """One chat through the gateway."""
    body = {"model": "one", "messages": [{"role": "user", "content": "Hi"}]}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    until(lambda: urllib.request.urlopen(request, timeout=60).read())


def test_history_is_switched_off_and_on_while_everything_runs(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        until(lambda: sidecar.get("/api/history/stats")["series_count"] > 0)
        for enabled in (False, True):
            document = {"endpoints": [], "history": {"enabled": enabled}}
            (tmp_path / "given.json").write_text(json.dumps(document))
            until(lambda wanted=enabled: sidecar.get("/api/history/stats")["available"] is wanted)
        assert sidecar.get("/api/history/stats")["series_count"] > 0
