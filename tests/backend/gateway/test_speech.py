"""Whole answers in other words than the server's, on connections that repeat themselves."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.relay_world import relayed, until
from fakes.surface_table import FakeTable

from llama_runner_pro.core.errors import GatewayError, UpstreamBroken
from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.gateway.ports import Upstream
from llama_runner_pro.gateway.speech import LONGEST_ANSWER_BYTES, Interpreted
from llama_runner_pro.gateway.surfaces.ollama_talk import ChatInterpreter
from llama_runner_pro.gateway.upstream_connection import Head
from llama_runner_pro.transport.origin import Origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fakes.raw_upstream import Exchange
    from fakes.relay_world import RelayWorld

    from llama_runner_pro.gateway.ports import Progress

MODEL = ModelView(name="m", endpoint="one", kind="llamacpp", state="loaded")
SAID = {"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}


def asked(**more: object) -> bytes:
    turns = [{"role": "user", "content": "hi"}]
    return json.dumps({"model": "m", "stream": False, "messages": turns, **more}).encode()


def request(body: bytes) -> bytes:
    head = b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


async def answer_of(reader: asyncio.StreamReader) -> tuple[bytes, dict[str, object]]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head, json.loads(await reader.readexactly(length))


def interpreted(world: RelayWorld, *views: ModelView) -> ChatInterpreter:
    """Have chats at that door be understood; without, its surface echoes them."""
    interpreter = ChatInterpreter(FakeTable([*(views or (MODEL,))]), world.clock)
    world.relay.interpreters["lmstudio", "/api/chat"] = interpreter
    return interpreter


@asynccontextmanager
async def acquainted(
    world: RelayWorld,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client whose head is known; its first request went to the surface."""
    reader, writer = await world.connect()
    try:
        writer.write(request(asked()))
        assert (await answer_of(reader))[1]["path"] == "/api/chat"
        yield reader, writer
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("slow", [False, True])
async def test_a_chat_is_translated_there_and_back(slow: bool) -> None:
    go_on = asyncio.Event()

    async def answering(exchange: Exchange) -> None:
        if slow:
            await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n")
            await go_on.wait()
            await exchange.send(json.dumps(SAID).encode().ljust(77))
        else:
            await exchange.json(json.dumps(SAID).encode())

    async with relayed(answering) as (server, world):
        interpreted(world)
        async with acquainted(world) as (reader, writer):
            writer.write(request(asked(options={"temperature": 0.5})))
            await until(lambda: len(server.requests) == 1)
            go_on.set()
            head, told = await answer_of(reader)
            await until(lambda: world.sink.last.ending == "ok")
    assert b"content-type: application/json\r\n" in head
    assert b"server: LlamaRunner-Pro\r\n" in head
    assert (told["model"], told["message"], told["done"]) == (
        "m", {"role": "assistant", "content": "hello"}, True,
    )  # fmt: skip
    sent = server.requests[0]
    assert sent.start == "POST /v1/chat/completions HTTP/1.1"
    assert sent.headers["content-type"] == "application/json"
    assert json.loads(sent.body)["temperature"] == 0.5
    record = world.sink.last
    assert (record.surface, record.path, record.model) == ("ollama", "/api/chat", "m")
    assert world.admission.asks[-1].surface == "ollama"


@pytest.mark.parametrize(
    ("status", "said", "words"),
    [
        (b"400 Bad Request", b'{"error":{"message":"too long"}}', "too long"),
        (b"200 OK", b'{"choices":[]}', "holds nothing"),
        (b"200 OK", b"nonsense", "makes no sense"),
    ],
)
async def test_what_the_server_refuses_is_told_in_the_clients_words(
    status: bytes, said: bytes, words: str
) -> None:
    async def refusing(exchange: Exchange) -> None:
        await exchange.json(said, status)

    async with relayed(refusing) as (_server, world):
        interpreted(world)
        async with acquainted(world) as (reader, writer):
            writer.write(request(asked()))
            head, told = await answer_of(reader)
    assert not head.startswith(b"HTTP/1.1 200")
    assert list(told) == ["error"]
    assert words in str(told["error"])


@pytest.mark.parametrize(
    "body",
    [
        asked(stream=True),
        asked(messages=[]),
        asked(model="unknown"),
        asked(model="vectors"),
        asked(model="native"),
        asked(model="plain", tools=[{"type": "function"}]),
        asked(keep_alive="never"),
        asked(messages=[{"role": "nobody", "content": "hi"}]),
        b"nonsense",
    ],
)
async def test_whatever_is_rare_is_left_to_the_surface(body: bytes) -> None:
    async def never(exchange: Exchange) -> None:
        raise AssertionError(exchange)

    async with relayed(never) as (server, world):
        interpreted(
            world,
            MODEL,
            ModelView(name="vectors", endpoint="one", kind="llamacpp", state="loaded",
                      operation="embedding"),
            ModelView(name="native", endpoint="one", kind="ollama", state="loaded"),
            ModelView(name="plain", endpoint="one", kind="llamacpp", state="loaded",
                      lacks=("tools",)),
        )  # fmt: skip
        async with acquainted(world) as (reader, writer):
            writer.write(request(body))
            assert (await answer_of(reader))[1] == {"path": "/api/chat", "body": body.decode()}
    assert not server.requests
    assert set(world.admission.endings) <= {"never_started"}


def test_a_time_to_stay_goes_to_the_admission() -> None:
    interpreter = ChatInterpreter(FakeTable([MODEL]), FakeClock())
    speech = interpreter.speech(asked(keep_alive="5m"))
    assert speech is not None
    assert speech.keep_alive_s == 300
    upstream = Upstream(
        endpoint="one", kind="llamacpp", origin=Origin("http", "h", 1), base_path="", model="file"
    )
    assert json.loads(speech.request(upstream))["model"] == "file"


class Told:
    """A consumer that remembers."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.errors: list[GatewayError] = []

    def arrived(self, _head: Head | None, body: bytes, _done: bool, /) -> None:
        self.answers.append(body)

    def failed(self, error: GatewayError, /) -> None:
        self.errors.append(error)

    def progressed(self, _progress: Progress, /) -> None:
        raise AssertionError


def test_an_answer_without_end_is_given_up() -> None:
    speech = ChatInterpreter(FakeTable([MODEL]), FakeClock()).speech(asked())
    assert speech is not None
    told, stops = Told(), list[int]()
    between = Interpreted(told, speech)
    between.stop = lambda: stops.append(1)
    between.arrived(Head(200, []), b"x" * LONGEST_ANSWER_BYTES, False)
    assert not stops
    between.arrived(None, b"x", False)
    assert len(stops) == 1
    assert not told.answers
    assert isinstance(told.errors[0], UpstreamBroken)
