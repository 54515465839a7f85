"""LiteLLM's proxy beside our gateway, in front of the same server in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.gateway import CHAT, rate, raw_upstream
from tests.bench.rig import free_port, sidecar
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTALL_S = 600.0
START_S, ROUNDS = 180.0, 3
_WHAT, _ASKED = "gateway: against LiteLLM", "≥ 5 times"


def measure(_model: Path) -> Iterator[Row]:
    """Installs LiteLLM into a folder of its own, which takes minutes and the network.

    `LLAMA_RUNNER_PRO_LITELLM` names the Python of an environment that has it already.
    """
    with tempfile.TemporaryDirectory(prefix="llama-runner-litellm-") as name:
        kept = os.environ.get("LLAMA_RUNNER_PRO_LITELLM")
        python = Path(kept) if kept else Path(name) / "venv" / "bin" / "python"
        why = None if kept else _installed(python)
        if why is not None:
            yield Row(_WHAT, "not measured", _ASKED, f"LiteLLM could not be installed: {why}")
            return
        port, openai = free_port(), free_port()
        doors = {"max_parallel": 4096, "openai": {"port": openai}, "ollama": {"enabled": False}}
        endpoint: dict[str, object] = {"name": "bench", "kind": "llamacpp"}
        endpoint["url"] = f"http://127.0.0.1:{port}"
        with (
            raw_upstream(port),
            sidecar([endpoint], gateway=doors) as running,
            _litellm(python, Path(name), port) as proxy,
        ):
            running.wait_state("bench", "online")
            if proxy is None:
                remark = "LiteLLM did not start: " + _last_line(Path(name) / "output.txt")
                yield Row(_WHAT, "not measured", _ASKED, remark)
                return
            # Its first seconds are slower than what follows; ours get the same.
            rate(openai, CHAT), rate(proxy, CHAT)
            pairs = [(rate(openai, CHAT), rate(proxy, CHAT)) for _ in range(ROUNDS)]
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    remark = f"{ours:,.0f} requests/s, LiteLLM {theirs:,.0f}"
    yield Row(_WHAT, f"{ours / theirs:.0f} times", _ASKED, remark)


def _installed(python: Path) -> str | None:
    """None, or why not: the last thing that pip said."""
    commands = (
        [sys.executable, "-m", "venv", str(python.parents[1])],
        [str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", "litellm[proxy]"],
    )
    try:
        for command in commands:
            subprocess.run(command, check=True, timeout=INSTALL_S, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        said = [line for line in error.stderr.splitlines() if line.strip()]
        told = [line for line in said if line.startswith("ERROR")] or said
        return told[-1] if told else f"exit code {error.returncode}"
    except (subprocess.TimeoutExpired, OSError) as error:
        return str(error)
    return None


@contextmanager
def _litellm(python: Path, folder: Path, port: int) -> Iterator[int | None]:
    """Its port, while the block runs; None when it does not answer."""
    settings, proxy = folder / "config.yaml", free_port()
    where = f"http://127.0.0.1:{port}/v1"
    route = {"model": "openai/bench", "api_base": where, "api_key": "none"}
    listed = [{"model_name": "bench", "litellm_params": route}]
    # As open as our own doors are: nobody but this machine reaches either.
    unlocked = {"dangerously_permit_weak_or_unset_master_key": True}
    settings.write_text(json.dumps({"model_list": listed, "general_settings": unlocked}))
    command = [str(python.with_name("litellm")), "--config", str(settings)]
    command += ["--host", "127.0.0.1", "--port", str(proxy)]
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield proxy if _answers(proxy) else None
    finally:
        process.terminate()
        process.wait()


def _last_line(file: Path) -> str:
    lines = [line for line in file.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _answers(port: int) -> bool:
    limit = time.monotonic() + START_S
    while time.monotonic() < limit:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False
