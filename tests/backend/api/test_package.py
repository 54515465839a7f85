"""The configuration of a running sidecar, over real model server processes."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from fakes.running_sidecar import RunningSidecar, fake_endpoint, until

from tests.tools.loopback import alive

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="looks at POSIX processes")


def change(sidecar: RunningSidecar, method: str, path: str, body: object = None) -> Any:
    """A JSON answer to a change, made with the token; errors come as answers too."""
    token = (sidecar.folder / "run" / "token").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{sidecar.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


def pid_of(sidecar: RunningSidecar, name: str) -> int:
    pid: int = sidecar.wait_state(name, "online")["process_id"]
    return pid


def test_endpoints_come_change_and_go_without_disturbing_others(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one"), fake_endpoint("two")]}
    with RunningSidecar(tmp_path, document) as sidecar:
        one, two = pid_of(sidecar, "one"), pid_of(sidecar, "two")
        change(sidecar, "POST", "/api/endpoints", {"endpoint": fake_endpoint("größe/3")})
        three = pid_of(sidecar, "größe/3")
        removed = change(sidecar, "DELETE", "/api/endpoints/two")
        assert removed["effect"]["removed"] == ["two"]
        assert not alive(two)
        entry = {**document["endpoints"][0], "env": {"COLOUR": "blue"}}
        replaced = change(sidecar, "PUT", "/api/endpoints/one", {"endpoint": entry})
        assert replaced["effect"]["replaced"] == ["one"]
        assert not alive(one)
        assert pid_of(sidecar, "one") != one
        adjusted = change(
            sidecar, "PUT", "/api/endpoints/one", {"endpoint": {**entry, "restart": {"budget": 9}}}
        )
        assert adjusted["effect"]["adjusted"] == ["one"]
        assert pid_of(sidecar, "größe/3") == three
        assert sidecar.model("größe/3")["restart_count"] == 0


def test_one_that_is_to_be_kept_outlives_its_removal(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint("one", on_exit="keep")]}) as sidecar:
        pid = pid_of(sidecar, "one")
        change(sidecar, "DELETE", "/api/endpoints/one")
        assert alive(pid)


def test_metrics_of_one_that_went_go_with_it(tmp_path: Path) -> None:
    document = {"endpoints": [fake_endpoint("one"), fake_endpoint("two")]}
    with RunningSidecar(tmp_path, document) as sidecar:
        pid_of(sidecar, "two")
        change(sidecar, "DELETE", "/api/endpoints/two")
        assert [one["name"] for one in sidecar.get("/api/endpoints")["endpoints"]] == ["one"]


def test_an_edited_file_runs_and_a_bad_one_does_not(tmp_path: Path) -> None:
    first, second = fake_endpoint("one"), fake_endpoint("two")
    with RunningSidecar(tmp_path, {"endpoints": [first]}) as sidecar:
        pid = pid_of(sidecar, "one")
        file = tmp_path / "given.json"
        file.write_text("{ nope")
        problems = until(lambda: sidecar.get("/api/config")["problems"])
        assert "not valid JSON" in problems[0]["message"]
        file.write_text(json.dumps({"endpoints": [first, second]}))
        until(lambda: sidecar.model("two")["state"] == "online")
        assert sidecar.get("/api/config")["problems"] == []
        assert pid_of(sidecar, "one") == pid


def test_a_return_to_a_backup_runs(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": [fake_endpoint("one")]}) as sidecar:
        pid_of(sidecar, "one")
        version = sidecar.get("/api/config")["version"]
        change(sidecar, "DELETE", "/api/endpoints/one")
        back = change(sidecar, "POST", "/api/config/rollback", {"version": version})
        assert back["effect"]["added"] == ["one"]
        pid_of(sidecar, "one")


def test_the_switch_in_the_file_wins_when_it_is_turned(tmp_path: Path) -> None:
    entry = fake_endpoint("one")
    with RunningSidecar(tmp_path, {"endpoints": [entry]}) as sidecar:
        pid_of(sidecar, "one")
        change(sidecar, "PUT", "/api/endpoints/one", {"endpoint": {**entry, "enabled": False}})
        assert sidecar.model("one")["state"] == "disabled"
    with RunningSidecar(tmp_path, {"endpoints": [entry]}) as sidecar:
        assert sidecar.model("one")["enabled"] is True


def test_where_others_can_reach_it_everything_needs_the_token(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sidecar = RunningSidecar(folder, {"endpoints": []}, "--host", "0.0.0.0")
    # Its health may not be asked for without the token, so that it is not waited for as usual.
    with contextlib.ExitStack() as ending:
        ending.push(sidecar.__exit__)
        token_file = folder / "run" / "token"
        until(lambda: token_file.exists() and "is running" in sidecar.output)
        host = socket.gethostname()
        for path in ("/", "/api/health", "/api/config"):
            assert _status(sidecar.port, path, host, None) == 401
            assert _status(sidecar.port, path, host, token_file.read_text().strip()) == 200
        assert _status(sidecar.port, "/", "evil.example", None) == 421


def _status(port: int, path: str, host: str, token: str | None) -> int:
    headers = {"host": f"{host}:{port}"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
