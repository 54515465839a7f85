"""The frozen sidecar does what the installed package does, and its children do not notice."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from typing import TYPE_CHECKING

from fakes.running_sidecar import RunningSidecar, until

from build_backend import MEBIBYTE, size_bytes
from provision.frozen import BACKEND
from tests.frozen.conftest import LIBRARIES_OF_THE_USER, Installed, Running

if TYPE_CHECKING:
    from pathlib import Path

BUDGET_BYTES = 60 * MEBIBYTE
LOADER_NOTES = ("_PYI_", "_MEIPASS", "LD_LIBRARY_PATH_ORIG")


def ran(installed: Installed, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a subcommand to its end."""
    return subprocess.run(
        [str(installed.program), *words],
        env=installed.env | more,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def environment(path: Path) -> dict[str, str]:
    """What `env` wrote."""
    lines = (line.partition("=") for line in path.read_text("utf-8").splitlines())
    return {name: value for name, _, value in lines}


def page(port: int, path: str = "/") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def test_it_says_the_version_of_the_project(installed: Installed) -> None:
    from llama_runner_pro.cli.version import version

    told = json.loads(ran(installed, "version", "--json").stdout)
    assert told["version"] == version("llama-runner-pro")


def test_a_wrong_command_line_ends_with_the_documented_code(installed: Installed) -> None:
    result = ran(installed, "serv")
    assert (result.returncode, "Traceback" in result.stderr) == (64, False)


def test_it_serves_health_and_the_dashboard_it_carries(running: Running) -> None:
    assert running.sidecar.get("/api/health")["status"] == "ok"
    html = page(running.sidecar.port)
    assert '<div id="app">' in html
    script = html.partition('src="')[2].partition('"')[0]
    assert len(page(running.sidecar.port, script)) > 10_000


def test_its_own_engine_answers_with_the_real_model(running: Running) -> None:
    running.sidecar.wait_state("demo", "online")
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.engine_port}/v1/completions",
        data=json.dumps({"prompt": "Once upon a time", "max_tokens": 8}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        told = json.load(answer)
    assert told["usage"]["completion_tokens"] == 8
    assert told["choices"][0]["text"].strip()


def test_a_program_of_somebody_else_gets_the_environment_of_the_user(running: Running) -> None:
    running.sidecar.wait_state("outer", "online")
    env = environment(running.outer_env)
    assert env["LD_LIBRARY_PATH"] == LIBRARIES_OF_THE_USER
    assert not [name for name in env if name.startswith(LOADER_NOTES)]


def test_a_library_path_that_nobody_set_is_not_there(installed: Installed) -> None:
    """Through the browser that `open` starts: no start of ours prepares its environment."""
    script, written = installed.folder / "browser", installed.folder / "browser-env.txt"
    script.write_text(f'#!/bin/sh\nenv > "{written}"\n')
    script.chmod(0o755)
    env = {name: value for name, value in installed.env.items() if name != "LD_LIBRARY_PATH"}
    plain = Installed(installed.folder, env)
    data = installed.folder / "other data"
    with RunningSidecar(data, {"endpoints": []}, program=(str(plain.program),), env=env):
        result = ran(plain, "open", "--data-dir", str(data), BROWSER=str(script))
        assert result.returncode == 0, result.stderr
        found = until(lambda: written.exists() and environment(written))
    assert not [name for name in found if name.startswith((*LOADER_NOTES, "LD_LIBRARY_PATH"))]


def test_measurements_and_the_files_for_prometheus_come_along(
    running: Running, installed: Installed
) -> None:
    assert "llama_runner_up 1.0" in page(running.sidecar.port, "/metrics")
    assert "groups:" in ran(installed, "monitoring", "rules").stdout
    assert json.loads(ran(installed, "monitoring", "dashboard").stdout)["panels"]


def test_apprise_finds_its_services_by_name(running: Running) -> None:
    told = running.sidecar.post("/api/alerts/test", {"channel": "hook"}, running.sidecar.token)
    assert running.webhook.got, told


def test_status_history_and_doctor_work_beside_a_running_one(
    running: Running, installed: Installed
) -> None:
    data = ("--data-dir", str(running.sidecar.folder))
    running.sidecar.wait_state("demo", "online")
    shown = json.loads(ran(installed, "status", *data, "--json").stdout)
    assert "demo" in json.dumps(shown)
    assert ran(installed, "history", *data).returncode == 0
    findings = json.loads(ran(installed, "doctor", *data, "--json").stdout)
    named = {one["id"]: one["level"] for one in findings["findings"]}
    for check in ("engine-installed", "engine-library", "page-built", "config-valid"):
        assert named[check] == "ok", findings


def test_a_stop_leaves_no_process_of_it(installed: Installed, running: Running) -> None:
    running.sidecar.wait_state("demo", "online")
    pid = running.sidecar.process.pid
    assert {one.pid for one in installed.processes()} > {pid}
    running.sidecar.process.send_signal(signal.SIGTERM)
    assert running.sidecar.process.wait(120) == 0
    until(lambda: not installed.processes())


def test_without_the_engine_it_would_take_no_more_than_60_mib() -> None:
    engine = BACKEND / "_internal" / "xllamacpp"
    assert engine.is_dir()
    assert size_bytes(BACKEND) - size_bytes(engine) <= BUDGET_BYTES
