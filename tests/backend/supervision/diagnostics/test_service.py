"""A bundle is made of a real process, and no secret is in it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from fakes.archives import unpacked
from fakes.slow_clock import SlowClock

from llama_runner_pro.config.model import Config
from llama_runner_pro.config.paths import DataPaths
from llama_runner_pro.config.redact import redacted
from llama_runner_pro.core.secrets import HIDDEN
from llama_runner_pro.endpoints.ports import Evidence, Incident
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.diagnostics.redaction import known_secrets
from llama_runner_pro.supervision.diagnostics.service import Diagnostics
from llama_runner_pro.supervision.diagnostics.store import BundleStore

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from fakes.children import Launcher

PLANTED = (
    "header-7f3a9c",
    "env-key-51bd2e",
    "argv-token-c04e88",
    "outer-env-99ab10",
    "own-tok-3311ff",
)
HEADER, ENV_KEY, ARGV, OUTER, TOKEN = PLANTED
IN_LOG_ONLY = "sk-abcdefghijklmnopqrstuvwxyz"
CODE = "import time; print('ready', flush=True); time.sleep(600)"
MEMBERS = {
    "incident.json",
    "config.json",
    "processes/tree.txt",
    "processes/kernel.txt",
    "processes/open.txt",
    "endpoint.log",
    "ai_monitor.log",
    "ai_recovery.log",
    "gpu.txt",
    "gpu_processes.txt",
    "machine.txt",
    "versions.txt",
}


def incident(**more: object) -> Incident:
    """An incident that was just opened."""
    known: dict[str, object] = {"id": "20260131T120000-abcdef", "endpoint": "demo"} | more
    return Incident(
        cause="unresponsive",
        summary=f"no answer; said key {ENV_KEY}",
        opened_ms=1,
        evidence=Evidence(log_tail=(f"using {HEADER}",)),
        **known,  # type: ignore[arg-type]
    )


def written(paths: DataPaths) -> None:
    """Logs in which secrets were written by careless programs."""
    paths.create()
    careless = f"x-key: {HEADER}\nkey={ENV_KEY} {ARGV} {OUTER} {TOKEN}\n{IN_LOG_ONLY}\n"
    for log in (paths.monitor_log, paths.recovery_log, paths.endpoint_log("demo")):
        log.write_text(careless)
    paths.token_file.write_text(TOKEN)


def diagnostics(paths: DataPaths, config: Config) -> Diagnostics:
    """As the composition root makes it."""
    return Diagnostics(
        BundleStore(paths.bundles_dir),
        paths=paths,
        clock=SlowClock(),
        version="1.2.3",
        document=lambda: redacted(config),
        secrets=lambda: known_secrets(config, {"MY_API_KEY": OUTER}, paths.token_file),
    )


def careful(tmp_path: Path) -> tuple[DataPaths, Config]:
    """A data folder with secrets in every place where one can be."""
    paths = DataPaths(tmp_path / "data")
    written(paths)
    spec = EndpointSpec(
        name="demo",
        port=8099,
        headers={"X-Plain": HEADER},
        env={"OPENAI_API_KEY": ENV_KEY},
        start_command=("serve", "--api-token", ARGV),
    )
    return paths, Config(endpoints=(spec,))


async def test_no_planted_secret_is_in_any_member(launcher: Launcher, tmp_path: Path) -> None:
    paths, config = careful(tmp_path)
    process = await launcher.python(CODE, "--api-token", ARGV, f"--header=x:{HEADER}", OUTER)
    name = await diagnostics(paths, config).record(incident(), process.pid, "")
    assert name is not None
    found = unpacked((paths.bundles_dir / name).read_bytes())
    assert {path.partition("/")[2] for path in found} == MEMBERS
    for path, text in found.items():
        for secret in (*PLANTED, IN_LOG_ONLY):
            assert secret not in text, f"{secret} is in {path}"
        assert "could not be read" not in text, path
    for member in ("endpoint.log", "ai_monitor.log", "incident.json", "processes/tree.txt"):
        assert HIDDEN in found[f"incident-20260131T120000-abcdef/{member}"]


async def test_the_bundle_tells_of_the_process_and_the_configuration(
    launcher: Launcher, tmp_path: Path
) -> None:
    paths, config = careful(tmp_path)
    process = await launcher.python(CODE)
    taken = diagnostics(paths, config)
    name = await taken.record(incident(), process.pid, "")
    assert name is not None
    found = unpacked(taken.store.read(name) or b"")
    texts = {path.partition("/")[2]: text for path, text in found.items()}
    assert f"pid {process.pid} " in texts["processes/tree.txt"]
    assert json.loads(texts["config.json"])["endpoints"][0]["name"] == "demo"
    assert json.loads(texts["incident.json"])["endpoint"] == "demo"
    assert taken.store.of_incident("20260131T120000-abcdef") == name


async def test_what_cut_itself_off_is_found_by_its_nonce(
    launcher: Launcher, tmp_path: Path
) -> None:
    paths, config = careful(tmp_path)
    detached = await launcher.run("sleep", "600", nonce=f"nonce-{os.getpid()}-x")
    taken = diagnostics(paths, config)
    name = await taken.record(incident(), None, f"nonce-{os.getpid()}-x")
    assert name is not None
    found = unpacked(taken.store.read(name) or b"")
    (tree,) = (text for path, text in found.items() if path.endswith("tree.txt"))
    assert f"pid {detached.pid} " in tree


async def test_a_folder_that_cannot_be_written_costs_the_bundle_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths, config = careful(tmp_path)
    paths.bundles_dir.write_text("a file where the folder should be")
    assert await diagnostics(paths, config).record(incident(), None, "") is None
    assert "no diagnostics bundle" in caplog.text
