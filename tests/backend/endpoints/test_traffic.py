"""What is told of requests that pass the gateway."""

from __future__ import annotations

from typing import get_args

import msgspec

from llama_runner_pro.endpoints.traffic import (
    FAILURES,
    BreakerView,
    Ending,
    ModelView,
    RequestRecord,
)


def test_only_known_endings_speak_against_a_server() -> None:
    assert set(get_args(Ending)) > FAILURES


def test_neither_a_client_that_leaves_nor_a_busy_server_speaks_against_it() -> None:
    innocent = {"ok", "client_gone", "refused", "unauthorized", "busy", "loading", "never_started"}
    assert not innocent & FAILURES


def test_a_record_has_no_place_for_anybodys_text() -> None:
    names = {field.name for field in msgspec.structs.fields(RequestRecord)}
    assert not names & {"body", "prompt", "messages", "text", "content", "headers"}


def test_what_was_not_measured_is_none() -> None:
    record = RequestRecord(id="1", t_ms=0, surface="openai", operation="chat", path="/", model=None)
    assert (record.ttft_ms, record.prompt_tokens, record.status) == (None, None, None)


def test_views_travel_as_json() -> None:
    model = ModelView(name="m", endpoint="a", kind="llamacpp", state="loaded")
    assert msgspec.json.decode(msgspec.json.encode(model), type=ModelView) == model
    breaker = BreakerView(endpoint="a", model="m", state="open")
    assert msgspec.json.decode(msgspec.json.encode(breaker), type=BreakerView) == breaker
