"""Alarms of a whole sidecar, over a real process and a real receiver."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.running_sidecar import FAKE_SERVER, RunningSidecar, fake_endpoint, until

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.receivers import HttpReceiver

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

SERVES_IF_ALLOWED = """
import os, sys
if not os.path.exists(sys.argv[1]):
    sys.exit(3)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


def test_a_failure_is_told_once_over_a_kill_and_its_end_as_well(
    tmp_path: Path, web: HttpReceiver
) -> None:
    allowed = tmp_path / "allowed"
    server = [str(FAKE_SERVER), "--port", "${PORT}"]
    command = [sys.executable, "-c", SERVES_IF_ALLOWED, str(allowed), *server]
    endpoint = fake_endpoint("one", start_command=command, restart={"budget": 1})
    path = "/hooks/planted-secret-4711"
    document = {
        "endpoints": [endpoint],
        "alerts": {
            "endpoint_failed": {"clear_for_s": 0.2},
            "channels": [{"name": "hook", "kind": "webhook", "url": web.url(path)}],
        },
    }
    with RunningSidecar(tmp_path, document) as first:
        first.wait_state("one", "failed")
        # Killed between the arrival and its note on disk, it would send it once more.
        noted = tmp_path / "run" / "outbox.json"
        until(lambda: '"state":"sent"' in noted.read_text())
        first.process.kill()
        first.process.wait()
    with RunningSidecar(tmp_path, document) as second:
        second.wait_state("one", "failed")
        (alarm,) = second.get("/api/alerts")["active"]
        allowed.touch()
        second.post("/api/ai-monitor/heal", {"model": "one"})
        until(lambda: len(web.got) == 2)
        until(lambda: not second.get("/api/alerts")["active"])
        shown = str(second.get("/api/alerts")) + str(second.get("/api/ai-monitor/config"))
    assert [one["title"] for one in web.got] == ["one has failed", "Over: one has failed"]
    assert {one["alert_id"] for one in web.got} == {alarm["id"]}
    assert web.paths == [path, path]
    logs = (tmp_path / "logs" / "ai_monitor.log").read_text()
    assert "one has failed" in logs
    assert "planted-secret" not in shown + logs
