"""What LiteLLM's client sends, byte for byte, and what its parsers need of the answers.

The requests are those of the package itself, recorded at a server that kept them. The package is
no test dependency: it brings 60 others.
"""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Doors

RECORDED = json.loads(Path(__file__).with_name("litellm_requests.json").read_text("utf-8"))
REQUESTS: dict[str, dict[str, Any]] = {one["name"]: one for one in RECORDED["requests"]}
CALL = ("weather", {"city": "Rome"})


@pytest.fixture
def replay(doors: Doors, plain: str) -> Any:
    """Sends a recorded request; the whole body of its good answer."""
    assert plain  # the model that they name

    def send(name: str) -> bytes:
        recorded = REQUESTS[name]
        port = getattr(doors, f"{recorded['door']}_port")
        lines = [f"POST {recorded['path']} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        head = "\r\n".join([*lines, *recorded["headers"], "", ""])
        with socket.create_connection(("127.0.0.1", port), timeout=400) as wire:
            wire.sendall(head.encode() + recorded["body"].encode())
            answer = http.client.HTTPResponse(wire, method="POST")
            answer.begin()
            with answer:
                content = answer.read()
                assert answer.status == 200, content
        return content

    return send


def events(content: bytes) -> list[dict[str, Any]]:
    """Data of server-sent events, as JSON."""
    data = [line[6:] for line in content.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(one) for one in data if one != "[DONE]"]


def lines(content: bytes) -> list[dict[str, Any]]:
    """NDJSON, none of them blank."""
    return [json.loads(one) for one in content.removesuffix(b"\n").split(b"\n")]


@pytest.mark.parametrize("way", ["openai/ ", "lm_studio/ "])
class TestOpenAI:
    def test_whole(self, replay: Any, way: str) -> None:
        answer = json.loads(replay(f"{way}whole"))
        assert answer["choices"][0]["message"]["content"]
        assert answer["choices"][0]["finish_reason"] in {"stop", "length"}
        usage = answer["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        assert {"id", "created", "model", "object"} <= set(answer)

    def test_stream(self, replay: Any, way: str) -> None:
        content = replay(f"{way}stream")
        assert content.rstrip().endswith(b"data: [DONE]")
        chunks = events(content)
        assert all(chunk["choices"] for chunk in chunks)
        assert "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks)
        assert chunks[-1]["choices"][0]["finish_reason"] in {"stop", "length"}
        assert len({chunk["id"] for chunk in chunks}) == 1

    def test_tools(self, replay: Any, way: str) -> None:
        choice = json.loads(replay(f"{way}tools"))["choices"][0]
        function = choice["message"]["tool_calls"][0]["function"]
        assert (function["name"], json.loads(function["arguments"])) == CALL
        assert choice["finish_reason"] == "tool_calls"
        pieces = [
            piece
            for chunk in events(replay(f"{way}tools stream"))
            for piece in chunk["choices"][0]["delta"].get("tool_calls") or ()
        ]
        assert pieces[0]["id"]
        assert pieces[0]["function"]["name"] == "weather"
        text = "".join(piece["function"].get("arguments") or "" for piece in pieces)
        assert json.loads(text) == {"city": "Rome"}

    def test_embedding(self, replay: Any, way: str) -> None:
        answer = json.loads(replay(f"{way}embedding"))
        assert [one["index"] for one in answer["data"]] == [0, 1]
        assert all(isinstance(one, float) for one in answer["data"][0]["embedding"])
        assert answer["usage"]["prompt_tokens"] > 0


class TestOllama:
    def test_generate(self, replay: Any) -> None:
        answer = json.loads(replay("ollama/ whole"))
        assert answer["response"]
        assert 0 < answer["eval_count"] <= 8
        assert answer["prompt_eval_count"] > 0
        told = lines(replay("ollama/ stream"))
        assert [one["done"] for one in told] == [False] * (len(told) - 1) + [True]
        assert "".join(one["response"] for one in told)
        assert told[-1]["eval_count"] > 0

    def test_tools_by_way_of_a_prompt(self, replay: Any) -> None:
        assert isinstance(json.loads(replay("ollama/ tools"))["response"], str)
        assert lines(replay("ollama/ tools stream"))[-1]["done"]

    def test_chat(self, replay: Any) -> None:
        answer = json.loads(replay("ollama_chat/ whole"))
        assert answer["message"]["role"] == "assistant"
        assert answer["message"]["content"]
        assert answer["done_reason"] in {"stop", "length"}
        assert answer["prompt_eval_count"] > 0
        told = lines(replay("ollama_chat/ stream"))
        assert "".join(one["message"]["content"] for one in told)
        assert told[-1]["done"]
        assert told[-1]["eval_count"] > 0

    def test_tools(self, replay: Any) -> None:
        whole = json.loads(replay("ollama_chat/ tools"))["message"]
        streamed = [
            one["message"]
            for one in lines(replay("ollama_chat/ tools stream"))
            if one["message"].get("tool_calls")
        ]
        for message in (whole, *streamed):
            function = message["tool_calls"][0]["function"]
            assert (function["name"], function["arguments"]) == CALL
        assert len(streamed) == 1

    def test_embedding(self, replay: Any) -> None:
        answer = json.loads(replay("ollama/ embedding"))
        assert len(answer["embeddings"]) == 2
        assert answer["prompt_eval_count"] > 0


class TestAnthropic:
    def test_whole(self, replay: Any) -> None:
        answer = json.loads(replay("anthropic/ whole"))
        assert answer["content"][0]["type"] == "text"
        assert answer["stop_reason"] in {"end_turn", "max_tokens"}
        assert answer["usage"]["input_tokens"] + answer["usage"]["output_tokens"] > 1

    def test_stream(self, replay: Any) -> None:
        told = events(replay("anthropic/ stream"))
        assert told[0]["type"] == "message_start"
        assert told[0]["message"]["usage"].keys() >= {"input_tokens", "output_tokens"}
        assert told[-2]["delta"]["stop_reason"] in {"end_turn", "max_tokens"}
        assert told[-1]["type"] == "message_stop"

    def test_tools(self, replay: Any) -> None:
        answer = json.loads(replay("anthropic/ tools"))
        block = answer["content"][0]
        assert (block["name"], block["input"]) == CALL
        assert answer["stop_reason"] == "tool_use"
        told = events(replay("anthropic/ tools stream"))
        text = "".join(
            one["delta"].get("partial_json", "")
            for one in told
            if one["type"] == "content_block_delta"
        )
        assert json.loads(text) == {"city": "Rome"}


def test_every_recorded_request_is_replayed() -> None:
    ways = ["openai/ ", "lm_studio/ ", "ollama/ ", "ollama_chat/ ", "anthropic/ "]
    kinds = ["whole", "stream", "tools", "tools stream"]
    chats = {f"{way}{kind}" for way in ways for kind in kinds}
    assert set(REQUESTS) == chats | {f"{way}embedding" for way in ways[:3]}
