"""The health check."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.upstream import FakeUpstream

from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded, ProtocolBroken
from llama_runner_pro.endpoints.kinds import profile
from llama_runner_pro.endpoints.spec import EndpointSpec, ProbeSpec, ProbesSpec
from llama_runner_pro.supervision.probes.http import error_message, health

FIXTURES = Path(__file__).parents[2] / "fixtures" / "llamacpp"
SPEC = EndpointSpec(name="a", kind="llamacpp", port=8081)
LLAMACPP = profile("llamacpp")


@pytest.mark.parametrize(
    ("spec", "url"),
    [
        (SPEC, "http://127.0.0.1:8081/health"),
        (
            EndpointSpec(name="a", port=1, health_endpoint="/api/tags"),
            "http://127.0.0.1:1/api/tags",
        ),
        (
            EndpointSpec(name="a", url="https://h:9/v1/", health_endpoint="/v1/models"),
            "https://h:9/v1/models",
        ),
        (EndpointSpec(name="a", port=1, health_endpoint="http://h:2/up"), "http://h:2/up"),
        (
            EndpointSpec(name="a", port=1, probes=ProbesSpec(readiness=ProbeSpec(path="ready"))),
            "http://127.0.0.1:1/ready",
        ),
    ],
)
async def test_health_is_asked_where_the_endpoint_says(spec: EndpointSpec, url: str) -> None:
    upstream = FakeUpstream()
    await health(upstream, spec, LLAMACPP, 2.0)
    (asked,) = upstream.asked
    assert (asked.method, asked.url, asked.deadline_s) == ("GET", url, 2.0)


async def test_headers_of_the_endpoint_are_sent() -> None:
    upstream = FakeUpstream()
    spec = EndpointSpec(name="a", port=1, headers={"Authorization": "Bearer x"})
    await health(upstream, spec, LLAMACPP, 2.0)
    assert upstream.asked[0].headers == {"Authorization": "Bearer x"}


@pytest.mark.parametrize("status", [200, 204, 302, 399])
async def test_good_status_is_well(status: int) -> None:
    result = await health(FakeUpstream(status=status), SPEC, LLAMACPP, 2.0)
    assert (result.verdict, result.reason, result.response_ms) == ("ok", "", 3.0)


async def test_loading_model_is_loading() -> None:
    body = (FIXTURES / "health_loading.json").read_bytes()
    result = await health(FakeUpstream(503, body), SPEC, LLAMACPP, 2.0)
    assert (result.verdict, result.reason) == ("loading", "Loading model")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, b'{"error": {"message": "decode failed"}}', "status 500: decode failed"),
        (404, b"", "status 404"),
        (503, b"no slot available", "status 503: no slot available"),
        (500, b"Loading model", "status 500: Loading model"),
        (199, b"", "status 199"),
        (401, b'{"detail": "no key"}', "status 401: no key"),
    ],
)
async def test_bad_status_failed_with_what_the_server_said(
    status: int, body: bytes, reason: str
) -> None:
    result = await health(FakeUpstream(status, body), SPEC, LLAMACPP, 2.0)
    assert (result.verdict, result.reason, result.response_ms) == ("failed", reason, 3.0)


async def test_expected_text_must_be_in_the_answer() -> None:
    spec = EndpointSpec(name="a", port=1, expected_response="Ollama is")
    well = await health(FakeUpstream(body=b"Ollama is running"), spec, LLAMACPP, 2.0)
    other = await health(FakeUpstream(body=b"LocalAI"), spec, LLAMACPP, 2.0)
    assert well.verdict == "ok"
    assert (other.verdict, other.reason) == (
        "failed",
        "the answer does not contain 'Ollama is'",
    )


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (ConnectRefused("nothing answers at h:1"), "refused", "nothing answers at h:1"),
        (ConnectRefused(), "refused", "nobody listens there"),
        (DeadlineExceeded("too slow"), "timeout", "too slow"),
        (DeadlineExceeded(), "timeout", "no answer within 2 s"),
        (ProtocolBroken("cut off"), "failed", "cut off"),
        (ProtocolBroken(), "failed", "the answer is not HTTP"),
    ],
)
async def test_failed_exchange_becomes_a_verdict(
    error: Exception, verdict: str, reason: str
) -> None:
    result = await health(FakeUpstream(error=error), SPEC, LLAMACPP, 2.0)
    assert (result.verdict, result.reason, result.response_ms) == (verdict, reason, None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "File Not Found", "code": 404}}', "File Not Found"),
        (b'{"error": "model not found"}', "model not found"),
        (b'{"message": "x"}', "x"),
        (b'{"status": "loading model"}', "loading model"),
        (b'{"other": 1}', ""),
        (b"[1]", ""),
        (b"plain\n  text", "plain text"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
        (b"x" * 500, "x" * 119 + "…"),
        (b"[" * 5000 + b"]" * 5000, "[" * 119 + "…"),
    ],
)
def test_error_body_is_said_in_one_line(body: bytes, message: str) -> None:
    assert error_message(body) == message


async def test_the_source_of_an_error_page_is_not_a_reason() -> None:
    page = b"<!DOCTYPE HTML>\n<html><body>Not found</body></html>"
    result = await health(FakeUpstream(status=404, body=page), SPEC, LLAMACPP, 2.0)
    assert (result.verdict, result.reason) == ("failed", "status 404")
