"""The command line becomes one validated value, or every problem at once."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

import pytest

from llama_runner_pro.core.errors import ConfigError
from llama_runner_pro.engine.cli import add_arguments
from llama_runner_pro.engine.params import EngineParams, from_namespace, threads_for


def parsed(line: str) -> argparse.Namespace:
    """What the real flags make of a command line."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(shlex.split(line))


def test_defaults_are_loopback_and_a_modest_context() -> None:
    params = from_namespace(parsed("--model models/tiny.Q4_0.gguf --port 8081"))
    assert params == EngineParams(
        model_path=Path("models/tiny.Q4_0.gguf"),
        port=8081,
        host="127.0.0.1",
        context_tokens=4096,
        threads=None,
        parallel=1,
        gpu_layers=None,
        alias="tiny.Q4_0",
        verbose=False,
        drain_ms=1500,
    )


def test_every_flag_is_taken_over() -> None:
    params = from_namespace(
        parsed(
            "--model ~/m.gguf --port 1 --host ::1 --ctx-size 0 --threads 2 --parallel 3 "
            "--gpu-layers 0 --alias mine --verbose --drain-ms 0"
        )
    )
    assert params.model_path == Path("~/m.gguf").expanduser()
    assert (params.port, params.host, params.context_tokens, params.threads) == (1, "::1", 0, 2)
    assert (params.parallel, params.gpu_layers, params.alias) == (3, 0, "mine")
    assert (params.verbose, params.drain_ms) == (True, 0)


def test_all_problems_are_named_at_once() -> None:
    line = "--host 0.0.0.0 --port 70000 --ctx-size -1 --threads 0 --parallel x "
    line += "--gpu-layers 1.5 --drain-ms -1"
    with pytest.raises(ConfigError) as refused:
        from_namespace(parsed(line))
    paths = [problem.path for problem in refused.value.problems]
    assert paths == [
        "--model",
        "--host",
        "--port",
        "--ctx-size",
        "--threads",
        "--parallel",
        "--gpu-layers",
        "--drain-ms",
    ]
    assert all(problem.hint for problem in refused.value.problems)


def test_a_missing_port_is_a_problem_of_its_own() -> None:
    with pytest.raises(ConfigError, match="no port was given"):
        from_namespace(parsed("--model m.gguf"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_every_loopback_address_is_accepted(host: str) -> None:
    assert from_namespace(parsed(f"--model m --port 1 --host {host}")).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_any_other_address_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="not an address of this computer alone"):
        from_namespace(parsed(f"--model m --port 1 --host {host}"))


@pytest.mark.parametrize(("cpus", "threads"), [(1, 1), (2, 1), (4, 3), (5, None), (64, None)])
def test_a_small_machine_keeps_one_core_free(cpus: int, threads: int | None) -> None:
    assert threads_for(cpus) == threads
