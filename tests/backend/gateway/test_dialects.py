"""Each surface words errors as its official clients read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.errors import (
    BadRequest,
    BreakerOpen,
    Denied,
    GatewayError,
    LoadFailed,
    ModelNotFound,
    NotReady,
    NoUpstream,
    Saturated,
    UpstreamBroken,
    UpstreamTimeout,
)
from llama_runner_pro.gateway.dialects import (
    LONGEST_MESSAGE,
    Refusal,
    answer_of,
    error_answer,
    error_event,
    fault_of_answer,
)

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Surface

ERRORS: list[tuple[GatewayError, dict[Surface, int]]] = [
    (ModelNotFound("x", []), {"openai": 404, "ollama": 404, "anthropic": 404, "lmstudio": 404}),
    (BadRequest("no"), {"openai": 400, "ollama": 400, "anthropic": 400, "lmstudio": 400}),
    (Denied(401, "no_key", "no"), {"openai": 401, "ollama": 401, "anthropic": 401}),
    (Saturated("full", 1.0), {"openai": 429, "ollama": 503, "anthropic": 429, "lmstudio": 429}),
    (NotReady("loads", 2.0), {"openai": 503, "ollama": 503, "anthropic": 529}),
    (BreakerOpen("open", 9.0), {"openai": 503, "ollama": 503, "anthropic": 529}),
    (LoadFailed("bad file", 30.0), {"openai": 503, "ollama": 503, "anthropic": 503}),
    (NoUpstream("x", "offline"), {"openai": 503, "ollama": 503, "anthropic": 503}),
    (UpstreamBroken("hung up"), {"openai": 502, "ollama": 500, "anthropic": 502}),
    (UpstreamTimeout("silent"), {"openai": 504, "ollama": 500, "anthropic": 504}),
]


@pytest.mark.parametrize(("error", "statuses"), ERRORS, ids=lambda one: type(one).__name__)
def test_each_error_has_the_status_that_its_surface_uses(
    error: GatewayError, statuses: dict[Surface, int]
) -> None:
    assert {surface: error_answer(surface, error).status for surface in statuses} == statuses


def test_openai_errors_are_an_object_with_all_four_fields() -> None:
    answer = error_answer("openai", ModelNotFound("x", ["a", "b"]))
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == {
        "error": {
            "message": "model 'x' not found (known: a, b)",
            "type": "not_found_error",
            "param": "model",
            "code": "model_not_found",
        }
    }


def test_ollama_errors_are_one_sentence() -> None:
    answer = error_answer("ollama", ModelNotFound("x:latest", []))
    assert json.loads(answer.body) == {"error": "model 'x:latest' not found"}


def test_ollama_tells_a_foreign_page_nothing() -> None:
    for code in ("foreign_origin", "wrong_host"):
        answer = error_answer("ollama", Denied(403, code, "no"))
        assert (answer.status, answer.body) == (403, b"")
    for told in (Denied(403, "model_not_allowed", "no"), Refusal(fault_of_answer(403, b"no"))):
        answer = error_answer("ollama", told)
        assert (answer.status, json.loads(answer.body)) == (403, {"error": "no"})


def test_anthropic_errors_carry_their_type_twice() -> None:
    answer = error_answer("anthropic", NotReady("it loads", 3.2))
    assert json.loads(answer.body) == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "it loads"},
    }
    assert answer.headers["retry-after"] == "4"


def test_lm_studio_errors_use_its_own_words() -> None:
    body = json.loads(error_answer("lmstudio", ModelNotFound("x", [])).body)
    assert body["error"]["type"] == "model_not_found"
    body = json.loads(error_answer("lmstudio", BadRequest("no", "input")).body)
    assert (body["error"]["type"], body["error"]["param"]) == ("invalid_request", "input")


def test_a_wait_is_told_in_whole_seconds_and_at_least_one() -> None:
    assert error_answer("openai", Saturated("full", 0.2)).headers["retry-after"] == "1"
    assert "retry-after" not in error_answer("openai", Saturated("full")).headers


def test_clients_are_told_not_to_retry_where_it_is_useless() -> None:
    assert error_answer("openai", LoadFailed("no", 5)).headers["x-should-retry"] == "false"
    assert error_answer("openai", UpstreamTimeout("no")).headers["x-should-retry"] == "false"
    assert error_answer("openai", BreakerOpen("no", 500)).headers["x-should-retry"] == "false"
    assert "x-should-retry" not in error_answer("openai", BreakerOpen("no", 5)).headers
    assert "x-should-retry" not in error_answer("openai", ModelNotFound("x", [])).headers


def test_a_stream_ends_with_an_event_or_line_of_its_dialect() -> None:
    error = UpstreamBroken("the server hung up")
    assert error_event("openai", error) == (
        b'data: {"error":{"message":"the server hung up","type":"server_error",'
        b'"param":null,"code":"upstream_broken"}}\n\n'
    )
    assert error_event("ollama", error) == b'{"error":"the server hung up"}\n'
    assert error_event("anthropic", error) == (
        b'event: error\ndata: {"type":"error","error":{"type":"api_error",'
        b'"message":"the server hung up"}}\n\n'
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"code":400,"message":"too long","type":"x"}}', "too long"),
        (b'{"error":"too long"}', "too long"),
        (b'{"detail":"too long"}', "too long"),
        (b'{"object":"error","message":"too long"}', "too long"),
        (b'{"detail":[{"loc":["body"]}]}', '[{"loc":["body"]}]'),
        (b"too long", "too long"),
        (b"<html>", "the model server answered with status 400"),
        (b"", "the model server answered with status 400"),
        (b"[1]", "the model server answered with status 400"),
        (b"\xff", "\ufffd"),
        (b"[" * 3_000, "[" * LONGEST_MESSAGE),
    ],
)
def test_what_any_server_says_is_understood(body: bytes, message: str) -> None:
    assert fault_of_answer(400, body).message == message


def test_a_servers_refusal_is_worded_anew_with_its_own_code() -> None:
    fault = fault_of_answer(404, b'{"error":{"message":"m","code":"c","param":"p"}}', 7)
    body = json.loads(answer_of("openai", fault).body)["error"]
    assert (body["code"], body["param"], body["type"]) == ("c", "p", "not_found_error")
    assert answer_of("ollama", fault).headers["retry-after"] == "7"


def test_what_a_server_cannot_do_is_not_tried_again() -> None:
    fault = fault_of_answer(501, b'{"error":{"message":"no vectors here"}}')
    assert fault.code == "not_implemented"
    assert answer_of("openai", fault).headers["x-should-retry"] == "false"


def test_an_answer_that_should_not_have_been_becomes_a_bad_gateway() -> None:
    assert fault_of_answer(204, b"").status == 502


def test_an_error_that_nobody_foresaw_is_still_an_answer() -> None:
    assert error_answer("openai", GatewayError()).status == 500


def test_a_servers_refusal_can_be_raised_as_it_is() -> None:
    fault = fault_of_answer(422, b'{"error":"bad image"}')
    assert error_answer("ollama", Refusal(fault)) == answer_of("ollama", fault)


def test_a_conversation_that_is_too_long_is_called_what_clients_know() -> None:
    said = {"code": 400, "message": "too long", "type": "exceed_context_size_error"}
    fault = fault_of_answer(400, json.dumps({"error": said}).encode())
    assert (fault.status, fault.code) == (400, "context_length_exceeded")
