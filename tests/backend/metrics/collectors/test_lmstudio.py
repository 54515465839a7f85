from __future__ import annotations

import pytest
from fakes.model_page import ModelPage

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.metrics.collectors.lmstudio import LmstudioWatch, parse_models, summary

# As LM Studio's documentation of its REST API v0 shows the answer.
MODELS = b"""{"object":"list","data":[
 {"id":"qwen2-vl-7b-instruct","object":"model","type":"vlm","publisher":"mlx-community",
  "arch":"qwen2_vl","compatibility_type":"mlx","quantization":"4bit","state":"not-loaded",
  "max_context_length":32768},
 {"id":"meta-llama-3.1-8b-instruct","object":"model","type":"llm","publisher":"lmstudio",
  "arch":"llama","compatibility_type":"gguf","quantization":"Q4_K_M","state":"loaded",
  "max_context_length":131072,"loaded_context_length":4096},
 {"id":"nomic-embed","object":"model","type":"embeddings","state":"loaded",
  "max_context_length":2048}]}"""


def test_loaded_and_available_models_are_counted() -> None:
    assert summary(parse_models(MODELS), None) == (
        {"loaded_models": 2, "available_models": 3, "context_tokens": 4096},
        {},
    )


def test_an_endpoint_that_names_a_model_shows_that_one() -> None:
    models = parse_models(MODELS)
    assert summary(models, "meta-llama-3.1-8b-instruct")[0]["context_tokens"] == 4096
    assert summary(models, "qwen2-vl-7b-instruct")[1] == {
        "context_tokens": "qwen2-vl-7b-instruct is not loaded"
    }


def test_a_version_that_does_not_tell_the_context_is_not_guessed_for() -> None:
    _, reasons = summary(parse_models(MODELS), "nomic-embed")
    assert reasons == {"context_tokens": "this LM Studio does not tell it"}


def test_without_a_loaded_model_there_is_no_context() -> None:
    assert summary([], None)[1] == {"context_tokens": "no model is loaded"}


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"error":"Unexpected endpoint"}', b"x"])
def test_another_answer_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolBroken, match="not LM Studio's list"):
        parse_models(body)


async def test_the_server_is_asked_now_and_then() -> None:
    page = ModelPage(LmstudioWatch)
    page.upstream.body = MODELS
    for second in range(6):
        values, _ = await page.ask(second)
        assert values["loaded_models"] == 2
    assert page.paths == ["/api/v0/models"] * 2


async def test_an_older_version_says_which_one_tells() -> None:
    page = ModelPage(LmstudioWatch)
    page.upstream.status = 404
    assert "version 0.3.6" in (await page.ask(0))[1]["context_tokens"]
