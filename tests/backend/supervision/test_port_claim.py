"""Getting the port of an endpoint free, with real holders."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from fakes.children import until
from fakes.yard import taken

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.port_claim import PortClaim
from llama_runner_pro.supervision.port_taken import PortHeld
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


def claim_of(port: int | None, *, moves: bool = True, reserved: Collection[int] = ()) -> PortClaim:
    command = ("serve", "${PORT}") if moves else ("serve",)
    spec = EndpointSpec(name="demo", port=port, start_command=command)
    return PortClaim(spec, SystemClock(), lambda: reserved)


def nginx(folder: Path, port: int) -> list[str]:
    """A real nginx in the foreground that listens on `port`."""
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; server {{ listen 127.0.0.1:{port}; }} }}\n"
    )
    return ["nginx", "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(config)]


@pytest.fixture(params=["http.server", "nginx"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Port and pid of somebody else's server."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    if request.param == "nginx":
        if shutil.which("nginx") is None:
            pytest.skip("no nginx on this machine")
        command = nginx(tmp_path, port)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=tmp_path, stdout=quiet, stderr=quiet) as process:
        yield port, process.pid
        process.kill()


async def test_a_free_port_is_just_free() -> None:
    port = free_port()
    assert await claim_of(port).claim("", 1.0) == f"port {port} is free"


async def test_a_real_server_of_somebody_else_survives_and_is_named(
    theirs: tuple[int, int],
) -> None:
    port, pid = theirs
    await until(lambda: taken(port))
    with pytest.raises(PortHeld) as caught:
        await claim_of(port).claim("a nonce of ours", 1.0)
    assert psutil.Process(pid).is_running()
    assert taken(port)
    assert caught.value.reason == f"port {port} is held by {psutil.Process(pid).name()} (pid {pid})"
    assert caught.value.proposal is not None
    assert caught.value.proposal.port is not None
    assert not taken(caught.value.proposal.port)


async def test_a_command_with_a_fixed_port_gets_no_proposal() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with pytest.raises(PortHeld) as caught:
            await claim_of(listening.getsockname()[1], moves=False).claim("", 1.0)
    assert caught.value.proposal is None
    assert f"(pid {os.getpid()})" in caught.value.reason


async def test_ports_of_other_endpoints_are_not_proposed() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with pytest.raises(PortHeld) as caught:
            await claim_of(port, reserved=range(port + 1, port + 51)).claim("", 1.0)
    assert caught.value.proposal is not None
    assert caught.value.proposal.port is not None
    assert caught.value.proposal.port > port + 50


async def test_a_port_that_the_system_still_keeps_is_tried_again_later() -> None:
    with socket.socket() as kept:
        # Bound, but nobody listens: as after an end, while the system has not let go of it.
        kept.bind(("127.0.0.1", 0))
        with pytest.raises(StartFailed, match="has not let go of it yet") as caught:
            await claim_of(kept.getsockname()[1]).claim("", 1.0)
    assert not caught.value.final


async def test_without_a_port_there_is_nothing_to_claim() -> None:
    spec = EndpointSpec(name="demo", url="http://192.0.2.1:80")
    assert PortClaim(spec, SystemClock(), tuple).is_free()
    assert await PortClaim(spec, SystemClock(), tuple).freed_within(1.0)
