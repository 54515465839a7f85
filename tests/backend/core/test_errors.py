from __future__ import annotations

import pytest

from llama_runner_pro.core.errors import (
    CollectorError,
    ConfigError,
    ConnectRefused,
    DeadlineExceeded,
    EndpointError,
    LlamaRunnerError,
    PortTaken,
    ProbeFailed,
    Problem,
    ProtocolBroken,
    Refused,
    SensorMissing,
    StartFailed,
    TransportError,
    UnknownEndpoint,
)


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (ConfigError(), LlamaRunnerError),
        (UnknownEndpoint("a", []), EndpointError),
        (StartFailed("x"), EndpointError),
        (ProbeFailed("x"), EndpointError),
        (Refused("x"), EndpointError),
        (ConnectRefused("x"), TransportError),
        (DeadlineExceeded("x"), TransportError),
        (ProtocolBroken("x"), TransportError),
        (SensorMissing("x"), CollectorError),
        (PortTaken("h", 1, None), LlamaRunnerError),
    ],
)
def test_every_error_belongs_to_its_family(
    error: LlamaRunnerError, family: type[LlamaRunnerError]
) -> None:
    assert isinstance(error, family)
    assert isinstance(error, LlamaRunnerError)


@pytest.mark.parametrize("kind", [StartFailed, ProbeFailed, Refused, SensorMissing])
def test_an_error_with_a_reason_says_just_that(kind: type[StartFailed]) -> None:
    assert str(kind("the disk is full")) == "the disk is full"


def test_a_config_error_lists_every_problem_with_its_place_and_hint() -> None:
    error = ConfigError(
        [Problem("endpoints[0].port", "not a port", "use 1 to 65535"), Problem("x", "unknown key")],
        source="config.json",
    )
    assert str(error).splitlines() == [
        "config.json: 2 problems",
        "  - endpoints[0].port: not a port (use 1 to 65535)",
        "  - x: unknown key",
    ]


def test_a_problem_of_the_whole_source_does_not_name_it_once_more() -> None:
    error = ConfigError(
        [Problem("/a/config.json", "not valid JSON", "see there")], "/a/config.json"
    )
    assert str(error) == "/a/config.json: 1 problem\n  - not valid JSON (see there)"


def test_a_single_problem_is_not_a_plural() -> None:
    assert str(ConfigError([Problem("a", "b")])).startswith("configuration: 1 problem\n")


def test_an_unknown_endpoint_is_told_with_those_that_exist() -> None:
    assert str(UnknownEndpoint("x", ["a", "b"])) == "no endpoint named 'x' (known: a, b)"
    assert str(UnknownEndpoint("x", [])) == "no endpoint named 'x' (known: none is configured)"


def test_a_taken_port_names_its_holder_when_it_is_known() -> None:
    assert str(PortTaken("127.0.0.1", 80, "nginx (pid 9)")) == (
        "port 80 on 127.0.0.1 is already in use by nginx (pid 9)"
    )
    assert str(PortTaken("127.0.0.1", 80, None)).endswith("is already in use")
