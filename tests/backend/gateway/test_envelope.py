from __future__ import annotations

import json

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.envelope import edited, edits, read_envelope


def test_the_fields_that_concern_us_are_read() -> None:
    envelope = read_envelope(
        b'{"model":"m","stream":true,"stream_options":{"include_usage":true},"other":[1]}'
    )
    assert (envelope.model, envelope.stream, envelope.wants_usage) == ("m", True, True)


def test_null_is_as_good_as_missing() -> None:
    envelope = read_envelope(b'{"model":null,"stream":null,"stream_options":null,"messages":null}')
    assert (envelope.model, envelope.stream, envelope.wants_usage) == (None, None, False)
    assert envelope.affinity() is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"model":5}',
        b'{"model":"\xff"}',
        b'{"stream":"yes"}',
        b'{"messages":"none"}',
        b'{"model":"a"}{"model":"b"}',
        b'{"x":' + b"[" * 100_000,
    ],
)
def test_what_makes_no_sense_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_envelope(body)


def test_a_conversation_keeps_its_affinity_as_it_grows() -> None:
    first = {"role": "system", "content": "be kind"}
    second = {"role": "user", "content": "hello"}
    short = read_envelope(json.dumps({"messages": [first, second]}).encode())
    longer = read_envelope(json.dumps({"messages": [first, second, second, second]}).encode())
    other = read_envelope(json.dumps({"messages": [first, first]}).encode())
    assert short.affinity() == longer.affinity() is not None
    assert short.affinity() != other.affinity()


def test_prompts_have_an_affinity_too() -> None:
    one = read_envelope(b'{"prompt":"' + b"a" * 5_000 + b'"}')
    same = read_envelope(b'{"prompt":"' + b"a" * 9_000 + b'"}')
    assert one.affinity() == same.affinity() is not None
    assert read_envelope(b'{"prompt":["x"]}').affinity() is not None


def test_nothing_is_changed_without_need() -> None:
    envelope = read_envelope(b'{"model":"m"}')
    assert edits(envelope, "m", add_usage=False) == {}
    assert edited(b'{ "model" : "m" }', {}) == b'{ "model" : "m" }'


def test_changed_fields_leave_all_others_their_bytes() -> None:
    body = (
        '{"a": 1.50, "model":"x","nest":{"model":"x", "ü":1e5},"b":"\\u00fc" , "c":null}'.encode()
    )
    changed = edited(body, edits(read_envelope(body), "y", add_usage=True))
    assert b'"nest":{"model":"x", "\xc3\xbc":1e5}' in changed
    assert b"1.50" in changed
    assert b'"\\u00fc"' in changed
    document = json.loads(changed)
    assert document["model"] == "y"
    assert document["stream_options"] == {"include_usage": True}
    assert list(document) == ["a", "model", "nest", "b", "c", "stream_options"]


def test_a_field_that_stands_twice_stands_once_afterwards() -> None:
    assert edited(b'{"model":"a","model":"b"}', {"model": b'"c"'}) == b'{"model":"c"}'


@pytest.mark.parametrize("body", [b"", b'{"model":"m","\xff":1}'])
def test_what_cannot_be_taken_apart_cannot_be_changed(body: bytes) -> None:
    with pytest.raises(BadRequest, match="not JSON"):
        edited(body, {"model": b'"x"'})


def test_usage_that_the_client_asked_for_is_not_added_again() -> None:
    envelope = read_envelope(b'{"model":"m","stream_options":{"include_usage":true}}')
    assert edits(envelope, "m", add_usage=True) == {}
