"""Stores that answer, that refuse, and that are none."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from fakes.upstream import FakeUpstream

from llama_runner_pro.config.monitoring import PrometheusSpec
from llama_runner_pro.core.errors import (
    ConnectRefused,
    DeadlineExceeded,
    ProtocolBroken,
    StoreUnavailable,
)
from llama_runner_pro.metrics.prometheus.store import LARGEST_ANSWER_BYTES, Store

SECRET = "Bearer very-secret"
SPEC = PrometheusSpec(
    url="https://store.example/tenant/prometheus/",
    headers={"Authorization": SECRET, "X-Scope-OrgID": "team-a"},
    timeout_s=2.5,
)


def answer(result: list[dict[str, Any]]) -> bytes:
    """What Prometheus says when all is well."""
    return json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": result}}
    ).encode()


def failure(words: str) -> bytes:
    """What Prometheus says when it is not."""
    return json.dumps({"status": "error", "errorType": "bad_data", "error": words}).encode()


async def test_a_question_is_sent_as_a_form_with_tenant_and_key_and_a_deadline() -> None:
    upstream = FakeUpstream(body=answer([]))
    await Store(upstream, SPEC).over("max(up)", 1_000, 61_500, 15)
    (asked,) = upstream.asked
    assert (asked.method, asked.deadline_s) == ("POST", 2.5)
    assert asked.url == "https://store.example/tenant/prometheus/api/v1/query_range"
    assert asked.headers["X-Scope-OrgID"] == "team-a"
    assert asked.headers["Authorization"] == SECRET
    assert parse_qs(asked.body.decode()) == {
        "query": ["max(up)"],
        "start": ["1.000"],
        "end": ["61.500"],
        "step": ["15"],
    }


async def test_an_answer_comes_back_as_rows() -> None:
    body = answer([{"metric": {"a": "1"}, "values": [[1.5, "2"], [2.5, "NaN"]]}])
    (row,) = await Store(FakeUpstream(body=body), SPEC).over("x", 0, 1, 1)
    assert (row.metric, row.values) == ({"a": "1"}, [(1.5, "2"), (2.5, "NaN")])
    body = answer([{"metric": {}, "value": [1.5, "2"]}])
    (row,) = await Store(FakeUpstream(body=body), SPEC).at("x", 0)
    assert row.value == (1.5, "2")


async def test_series_are_asked_for_by_all_their_selectors() -> None:
    body = b'{"status":"success","data":[{"__name__":"up"}],"warnings":["partial"]}'
    upstream = FakeUpstream(body=body)
    assert await Store(upstream, SPEC).series(["a", "b"], 0, 1_000) == [{"__name__": "up"}]
    assert parse_qs(upstream.asked[0].body.decode())["match[]"] == ["a", "b"]


@pytest.mark.parametrize(
    ("status", "body", "words", "hint"),
    [
        (401, b"", "refuses us", "history.prometheus.headers"),
        (403, b"no tenant", "refuses us", "history.prometheus.headers"),
        (404, b"404 page not found", "is not a metrics store", "before /api/v1"),
        (200, b"<html>", "is not a metrics store", "before /api/v1"),
        (200, b"{}", "could not answer", "overloaded"),
        (200, b'{"status":"success"}', "is not a metrics store", "before /api/v1"),
        (200, b'{"status":"success","data":{}}', "is not a metrics store", "before /api/v1"),
        (302, b"", "is not a metrics store", "before /api/v1"),
        (400, failure("parse error at char 3"), "parse error at char 3", "selector"),
        (422, failure("too many samples"), "too many samples", "selector"),
        (503, failure("starting"), "starting", "overloaded"),
        (503, b"upstream connect error", "cannot answer now", "overloaded"),
        (429, b"slow down", "cannot answer now", "overloaded"),
    ],
)
async def test_every_refusal_says_what_it_was_and_where_to_look(
    status: int, body: bytes, words: str, hint: str
) -> None:
    store = Store(FakeUpstream(status=status, body=body), SPEC)
    with pytest.raises(StoreUnavailable, match=words) as told:
        await store.at("x", 0)
    assert hint in told.value.hint


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectRefused("nothing answers at http://127.0.0.1:9090"), "nothing answers"),
        (DeadlineExceeded("did not answer within 2.5 s"), "within 2.5 s"),
        (ProtocolBroken(f"larger than {LARGEST_ANSWER_BYTES} bytes"), "larger than"),
    ],
)
async def test_a_store_that_cannot_be_reached_is_told_as_such(error: Exception, words: str) -> None:
    with pytest.raises(StoreUnavailable, match=words) as told:
        await Store(FakeUpstream(error=error), SPEC).at("x", 0)
    assert "history.prometheus.url" in told.value.hint


async def test_no_error_repeats_a_header() -> None:
    broken = FakeUpstream(error=ValueError(f"the value of header 'Authorization' is {SECRET!r}"))
    with pytest.raises(StoreUnavailable) as told:
        await Store(broken, SPEC).at("x", 0)
    assert "very-secret" not in f"{told.value} {told.value.hint}"


async def test_a_long_complaint_is_cut() -> None:
    with pytest.raises(StoreUnavailable) as told:
        await Store(FakeUpstream(status=400, body=failure("x" * 10_000)), SPEC).at("x", 0)
    assert len(str(told.value)) < 500
