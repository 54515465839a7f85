"""One generated token."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.upstream import FakeUpstream

from llama_runner_pro.core.errors import DeadlineExceeded
from llama_runner_pro.endpoints.kinds import profile
from llama_runner_pro.endpoints.spec import EndpointSpec, Kind, ProbeSpec, ProbesSpec
from llama_runner_pro.supervision.probes.inference import one_token
from llama_runner_pro.supervision.probes.result import ProbeResult

FIXTURES = Path(__file__).parents[2] / "fixtures" / "llamacpp"
COMPLETION = (FIXTURES / "chat_completion.json").read_bytes()
OLLAMA = b'{"model": "m", "response": "", "done": true}'


async def ask(
    upstream: FakeUpstream, kind: Kind = "llamacpp", model: str | None = None
) -> ProbeResult | None:
    spec = EndpointSpec(name="a", kind=kind, port=1, model=model, headers={"X": "y"})
    return await one_token(upstream, spec, profile(kind), 30.0)


async def test_one_token_is_asked_for_in_the_words_of_openai() -> None:
    upstream = FakeUpstream(body=COMPLETION)
    result = await ask(upstream, model="tiny")
    assert result == ProbeResult("ok", "", 3.0)
    (asked,) = upstream.asked
    assert (asked.method, asked.url) == ("POST", "http://127.0.0.1:1/v1/completions")
    assert asked.deadline_s == 30.0
    assert asked.headers == {"X": "y", "content-type": "application/json"}
    assert asked.document["max_tokens"] == 1
    assert asked.document["stream"] is False
    assert asked.document["model"] == "tiny"
    assert asked.document["prompt"]


async def test_a_server_of_conversations_is_asked_in_one() -> None:
    upstream = FakeUpstream(body=COMPLETION)
    await ask(upstream, "vllm", "tiny")
    (asked,) = upstream.asked
    assert asked.url == "http://127.0.0.1:1/v1/chat/completions"
    assert [message["role"] for message in asked.document["messages"]] == ["user"]
    assert "prompt" not in asked.document


async def test_llama_server_needs_no_model_named() -> None:
    upstream = FakeUpstream(body=COMPLETION)
    await ask(upstream)
    assert "model" not in upstream.asked[0].document


async def test_one_token_is_asked_for_in_the_words_of_ollama() -> None:
    upstream = FakeUpstream(body=OLLAMA)
    result = await ask(upstream, "ollama", "m")
    assert result is not None
    assert result.verdict == "ok"
    (asked,) = upstream.asked
    assert asked.url == "http://127.0.0.1:1/api/generate"
    assert asked.document["options"]["num_predict"] == 1
    assert asked.document["model"] == "m"


@pytest.mark.parametrize("kind", ["ollama", "lmstudio", "vllm", "openai", "localai"])
async def test_server_of_many_models_is_not_asked_without_one(kind: Kind) -> None:
    upstream = FakeUpstream()
    assert await ask(upstream, kind) is None
    assert upstream.asked == []


async def test_custom_server_has_nothing_to_ask_unless_told_where() -> None:
    assert await ask(FakeUpstream(), "custom", "m") is None
    upstream = FakeUpstream(body=COMPLETION)
    probes = ProbesSpec(inference=ProbeSpec(path="/chat"))
    spec = EndpointSpec(name="a", port=1, model="m", probes=probes)
    await one_token(upstream, spec, profile("custom"), 30.0)
    assert upstream.asked[0].url == "http://127.0.0.1:1/chat"


@pytest.mark.parametrize(
    ("upstream", "kind", "verdict", "reason"),
    [
        (FakeUpstream(429), "llamacpp", "ok", "busy with other requests"),
        (FakeUpstream(500, b"boom"), "llamacpp", "failed", "status 500: boom"),
        (FakeUpstream(503, b"Loading model"), "llamacpp", "loading", "Loading model"),
        (FakeUpstream(body=b""), "llamacpp", "failed", "the answer holds no generated text"),
        (FakeUpstream(body=b"[" * 5000), "llamacpp", "failed", "the answer holds no"),
        (FakeUpstream(body=b"[]"), "llamacpp", "failed", "the answer holds no generated text"),
        (FakeUpstream(body=b'{"choices": []}'), "llamacpp", "failed", "the answer holds no"),
        (FakeUpstream(body=b'{"error": "x"}'), "ollama", "failed", "the answer holds no"),
        (FakeUpstream(error=DeadlineExceeded("slow")), "llamacpp", "timeout", "slow"),
    ],
)
async def test_anything_but_a_completion_is_told(
    upstream: FakeUpstream, kind: Kind, verdict: str, reason: str
) -> None:
    result = await ask(upstream, kind, "m")
    assert result is not None
    assert result.verdict == verdict
    assert result.reason.startswith(reason)
