"""What of a request is changed on its way, and which way it goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes.raw_upstream import raw_upstream
from fakes.relay_world import post, relay_world, relayed, upstream_at

from llama_runner_pro.config.derived import DerivedModelSpec
from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.gateway.dispatch import STATE_SPOOLED
from llama_runner_pro.gateway.ports import Progress, Visitor
from llama_runner_pro.gateway.relay import RelaySettings

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.raw_upstream import Exchange

USAGE = b'{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}'
TOKEN = b'{"choices":[{"delta":{"content":"x"}}]}'
STREAM = b'{"model":"m","stream":true}'


async def answering(exchange: Exchange) -> None:
    await exchange.json(b"{}")


async def counting(exchange: Exchange) -> None:
    events = [TOKEN, TOKEN]
    if b"include_usage" in exchange.body:
        events.append(USAGE)
    await exchange.events(*events, b"[DONE]")


def json_of(answer: bytes) -> dict[str, object]:
    document: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return document


async def test_a_body_that_needs_no_change_arrives_byte_for_byte() -> None:
    body = b' { "unknown" : [1.50, null], "model":"m" , "temperature" : 1e-1 }'
    async with relayed(answering) as (server, world):
        await world.say(post(body))
    assert server.requests[0].body == body


async def test_the_server_is_asked_by_the_name_it_knows() -> None:
    async with relayed(answering) as (server, world):
        await world.say(post(b'{"model":"Alias:latest","x":1.50}'))
    assert server.requests[0].body == b'{"model":"m","x":1.50}'
    assert world.admission.asks[0].model == "Alias:latest"


async def test_counting_servers_are_not_asked_for_usage() -> None:
    async with relayed(counting) as (server, world):
        answer = await world.say(post(STREAM))
    assert server.requests[0].body == STREAM
    assert b'"usage"' not in answer


async def test_usage_is_asked_for_where_needed_and_taken_out_again() -> None:
    async with relayed(counting, kind="vllm") as (server, world):
        answer = await world.say(post(STREAM))
        await world.sink.ended.wait()
    assert b"include_usage" in server.requests[0].body
    assert b'"usage"' not in answer
    assert answer.count(TOKEN) == 2
    assert b"[DONE]" in answer
    last = world.sink.last
    assert (last.token_source, last.prompt_tokens, last.generated_tokens) == ("usage", 3, 2)


async def test_usage_that_the_client_wants_stays() -> None:
    body = b'{"model":"m","stream":true,"stream_options":{"include_usage":true}}'
    async with relayed(counting, kind="vllm") as (server, world):
        answer = await world.say(post(body))
    assert server.requests[0].body == body
    assert USAGE in answer


async def test_without_a_name_the_only_model_is_meant() -> None:
    async with relayed(answering) as (server, world):
        await world.say(post(b'{"messages":[]}'))
        assert json.loads(server.requests[0].body) == {"messages": [], "model": "m"}
        world.table.views.append(
            ModelView(name="other", endpoint="two", kind="vllm", state="loaded")
        )
        refused = await world.say(post(b'{"messages":[]}'))
        assert refused.startswith(b"HTTP/1.1 400 ")
        assert b"model_missing" in refused
        # llama-server's own paths can only mean the one that is llama-server.
        answer = await world.say(b"GET /props HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert server.requests[-1].start == "GET /props HTTP/1.1"


async def test_llama_servers_own_paths_pass_with_their_query() -> None:
    async with relayed(answering) as (server, world):
        await world.say(b"GET /slots?model=m&x=%20 HTTP/1.0\r\nHost: a\r\n\r\n")
        await world.say(post(b'{"content":"abc"}', b"/tokenize?model=m"))
    assert server.requests[0].start == "GET /slots?model=m&x=%20 HTTP/1.1"
    assert server.requests[1].body == b'{"content":"abc"}'


@pytest.mark.parametrize("path", [b"/tokenize", b"/infill", b"/v1/chat/completions"])
@pytest.mark.parametrize("body", [b"", b'{"model":"alias","\xff":1}'])
async def test_what_is_no_json_is_answered_and_the_connection_goes_on(
    path: bytes, body: bytes
) -> None:
    async with relayed(answering) as (server, world):
        for _ in range(2):
            answer = await world.say(post(body, path))
            assert answer.startswith(b"HTTP/1.1 400 "), answer
            assert "not JSON" in str(json_of(answer)["error"])
    assert server.requests == []


async def test_paths_that_the_models_server_does_not_know_are_refused_or_translated() -> None:
    async with relayed(answering, kind="vllm") as (server, world):
        own = await world.say(post(b'{"model":"m"}', b"/infill"))
        messages = await world.say(post(b'{"model":"m","x":1}', b"/v1/messages?beta=true"))
    assert own.startswith(b"HTTP/1.1 501 ")
    assert server.requests == []
    assert json_of(messages) == {"path": "/v1/messages", "body": '{"model":"m","x":1}'}
    assert world.app_scopes[0]["query_string"] == b"beta=true"


async def test_messages_pass_untranslated_where_they_are_spoken() -> None:
    async with relayed(answering, kind="ollama") as (server, world):
        await world.say(post(b'{"model":"m"}', b"/v1/messages?beta=true"))
        refused = await world.say(post(b'{"model":1}', b"/v1/messages"))
    assert server.requests[0].start == "POST /v1/messages?beta=true HTTP/1.1"
    assert json_of(refused)["type"] == "error"


async def test_messages_are_left_to_the_surface_where_an_older_server_does_not_speak_them() -> None:
    async with relayed(answering, kind="llamacpp") as (server, world):
        world.table.old = {"one"}
        handed = await world.say(post(b'{"model":"m"}', b"/v1/messages"))
    assert server.requests == []
    assert json_of(handed)["path"] == "/v1/messages"


async def test_a_derived_model_is_left_to_the_surface_where_its_prompt_belongs() -> None:
    async with relayed(answering) as (server, world):
        world.table.recipes["m"] = DerivedModelSpec(name="m", base="b", system="Be kind")
        handed = await world.say(post(b'{"model":"m"}', b"/v1/chat/completions"))
        await world.say(post(b'{"model":"m"}', b"/v1/embeddings"))
        await world.say(post(b'{"model":"m"}', b"/tokenize"))
    assert json_of(handed)["path"] == "/v1/chat/completions"
    assert [one.start.split()[1] for one in server.requests] == ["/v1/embeddings", "/tokenize"]


async def test_a_key_opens_its_own_models_only() -> None:
    async with relayed(answering) as (server, world):
        world.access.visitor = Visitor(key="k", models=("Other",))
        refused = await world.say(post(b'{"model":"m"}'))
        world.access.visitor = Visitor(key="k", models=("M",), priority=3)
        allowed = await world.say(post(b'{"model":"m"}'))
    assert refused.startswith(b"HTTP/1.1 403 ")
    assert allowed.startswith(b"HTTP/1.1 200 ")
    assert len(server.requests) == 1
    assert (world.admission.asks[0].key, world.admission.asks[0].priority) == ("k", 3)


@pytest.mark.parametrize("alias", ["m", "another name"])
async def test_a_hundred_megabytes_pass_by_way_of_the_disk(alias: str, tmp_path: Path) -> None:
    body = json.dumps({"model": alias, "image": "p" * 100_000_000}).encode()
    settings = RelaySettings(spool_folder=tmp_path)
    async with relayed(answering, settings=settings) as (server, world):
        answer = await world.say(post(body))
    assert answer.startswith(b"HTTP/1.1 200 ")
    sent = json.loads(server.requests[0].body)
    assert (sent["model"], len(sent["image"])) == ("m", 100_000_000)


async def test_a_large_body_that_must_be_translated_is_handed_over_on_disk() -> None:
    body = b'{"model":"m","x":"%b"}' % (b"A" * 5_000_000)
    async with relayed(answering, kind="vllm") as (_, world):
        told = await world.say(post(body, b"/v1/messages"))
        spooled = world.app_scopes[0]["state"][STATE_SPOOLED]
        assert json_of(told) == {"path": "/v1/messages", "body": ""}
        assert spooled.given_bytes == len(body)
        spooled.close()


async def test_an_answer_that_comes_before_the_body_was_read_is_passed_on() -> None:
    async def hasty(exchange: Exchange) -> None:
        await exchange.json(b'{"error":{"message":"too long"}}', b"413 Too Large")

    body = json.dumps({"model": "m", "image": "p" * 20_000_000}).encode()
    async with raw_upstream(hasty) as server:
        server.reads_bodies = False
        async with relay_world(upstream_at(server.port)) as world:
            for _ in range(2):
                answer = await world.say(post(body))
                assert answer.startswith(b"HTTP/1.1 413 ")
    assert world.admission.endings == ["refused", "refused"]
    assert server.connections == 2


async def test_a_waiting_client_is_told_when_that_is_wanted() -> None:
    settings = RelaySettings(loading_text=True)
    async with relayed(counting, settings=settings) as (_server, world):
        world.admission.must_wait = True
        reader, writer = await world.connect()
        writer.write(post(STREAM))
        await world.admission.waiting.wait()
        progress = world.admission.asks[-1].progress
        assert progress is not None
        progress(Progress(phase="queued", text="second in line", position=2))
        progress(Progress(phase="loading", text="loading m"))
        first = await reader.readuntil(b"\n\n")
        assert b"loading m" in first
        assert b"second" not in first
        world.admission.go_on.set()
        rest = await reader.read()
        writer.close()
    assert rest.count(TOKEN) == 2
    assert b"HTTP/1.1" not in rest
    assert rest.endswith(b"0\r\n\r\n")


async def test_a_refusal_after_the_client_was_told_to_wait_is_an_event() -> None:
    async def refusing(exchange: Exchange) -> None:
        await exchange.json(b'{"error":{"message":"context too long"}}', b"400 Bad")

    settings = RelaySettings(loading_text=True)
    async with relayed(refusing, settings=settings) as (_server, world):
        world.admission.must_wait = True
        reader, writer = await world.connect()
        writer.write(post(STREAM))
        await world.admission.waiting.wait()
        progress = world.admission.asks[-1].progress
        assert progress is not None
        progress(Progress(phase="loading", text="loading m"))
        world.admission.go_on.set()
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"context too long" in answer
    assert answer.endswith(b"0\r\n\r\n")
    assert world.sink.last.status == 400
