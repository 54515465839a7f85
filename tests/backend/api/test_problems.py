"""Errors as answers."""

from __future__ import annotations

import json

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.api.problems import (
    ApiProblem,
    in_envelope,
    problem_bytes,
    problem_of,
    problem_response,
)
from llama_runner_pro.core.errors import (
    ConfigError,
    LlamaRunnerError,
    LoadFailed,
    ModelNotFound,
    NoUpstream,
    Problem,
    Refused,
    StartFailed,
    UnknownEndpoint,
)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnknownEndpoint("x", ["a", "b"]), 404, "unknown_model"),
        (Refused("it is stopping"), 409, "refused"),
        (StartFailed("no such program"), 502, "start_failed"),
        (ConfigError([Problem("port", "taken")]), 422, "bad_config"),
        (ModelNotFound("x", ["a"]), 404, "unknown_model"),
        (NoUpstream("x", "it is disabled"), 404, "no_upstream"),
        (LoadFailed("out of memory", 9.2), 503, "not_ready"),
        (LlamaRunnerError("odd"), 500, "internal_error"),
    ],
)
def test_each_error_has_its_status_and_stable_code(
    error: LlamaRunnerError, status: int, code: str
) -> None:
    details = problem_of(error).details
    assert (details.status, details.code) == (status, code)
    assert str(error).rpartition("- ")[2] in details.detail
    assert details.title


def test_an_unknown_model_lists_the_known_ones() -> None:
    details = problem_of(UnknownEndpoint("x", ["a", "b"])).details
    assert details.known == ["a", "b"]
    assert "known: a, b" in details.detail


def test_whoever_has_to_wait_is_told_how_long() -> None:
    problem = problem_of(LoadFailed("out of memory", 9.2))
    assert problem.headers["retry-after"] == "10"
    assert "10 s" in problem.details.hint
    assert "retry-after" not in problem_of(LoadFailed("out of memory")).headers


def test_the_older_family_answers_in_its_envelope() -> None:
    problem = ApiProblem(404, "gone", "Gone", "it is gone")
    body, media_type = problem_bytes("/api/ai-monitor/x", problem, FakeClock())
    answer = json.loads(body)
    assert media_type == "application/json"
    assert (answer["status"], answer["message"]) == ("error", "it is gone")
    assert answer["data"]["code"] == "gone"


def test_all_others_answer_problem_json() -> None:
    body, media_type = problem_bytes("/api/x", ApiProblem(404, "gone", "G", "d"), FakeClock())
    assert media_type == "application/problem+json"
    assert json.loads(body)["type"] == "urn:llama-runner-pro:problem:gone"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/api/ai-monitor", True), ("/api/ai-monitor/x", True), ("/api/ai-monitors", False)],
)
def test_the_family_is_told_by_its_address(path: str, *, expected: bool) -> None:
    assert in_envelope(path) is expected


def test_headers_of_a_problem_reach_the_answer() -> None:
    problem = ApiProblem(405, "x", "X", "x", headers={"allow": "GET"})
    response = problem_response("/api/x", problem, FakeClock())
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
