"""What is known of a fault."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.endpoints.kinds import profile
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.events import Exited
from llama_runner_pro.supervision.evidence import gather, last_words
from llama_runner_pro.supervision.port_claim import PortClaim
from llama_runner_pro.supervision.process.identity import identify
from llama_runner_pro.supervision.process.output import EndpointOutput

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def output(tmp_path: Path) -> EndpointOutput:
    log = tmp_path / "demo.log"
    log.write_text("loading\nllama-runner-pro engine: the model is too large\nbye\n\n")
    return EndpointOutput(log)


def claim_of(port: int) -> PortClaim:
    return PortClaim(EndpointSpec(name="demo", port=port), SystemClock(), tuple)


async def test_of_an_end_its_way_and_its_log_are_known(output: EndpointOutput) -> None:
    ended = Exited(3, None, "SIGKILL", None, "the kernel ended it")
    told = await gather(99, None, claim_of(1), output, ended)
    assert (told.pid, told.signal, told.oom) == (99, "SIGKILL", "the kernel ended it")
    assert told.log_tail[0] == "loading"
    assert (told.rss_bytes, told.port_holder) == (None, None)


async def test_of_a_hang_its_memory_and_the_holder_of_its_port_are_known(
    output: EndpointOutput,
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        claim = claim_of(listening.getsockname()[1])
        told = await gather(os.getpid(), identify(os.getpid()), claim, output, None)
    assert told.rss_bytes is not None
    assert told.port_holder is not None
    assert told.port_holder.endswith(f"(pid {os.getpid()})")


async def test_a_port_that_nobody_holds_has_no_holder(output: EndpointOutput) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert (await gather(None, None, claim_of(port), output, None)).port_holder is None


def test_the_line_meant_for_the_user_comes_before_the_last_one(output: EndpointOutput) -> None:
    output.refresh()
    assert last_words(output, profile("embedded")) == "the model is too large"
    assert last_words(output, profile("llamacpp")) == "bye"


def test_one_that_said_nothing_has_no_last_words(tmp_path: Path) -> None:
    assert last_words(EndpointOutput(tmp_path / "none.log"), profile("llamacpp")) is None
