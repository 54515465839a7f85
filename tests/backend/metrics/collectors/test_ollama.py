from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fakes.model_page import ModelPage

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.metrics.collectors.ollama import OllamaWatch, parse_ps, summary

# As docs/api.md of Ollama shows the answer, with what newer versions add.
PS = b"""{"models":[
 {"name":"mistral:latest","model":"mistral:latest","size":5137025024,
  "digest":"2ae6f6dd7a3dd734790bbbf58b8909a606e0e7e97e94b7604e0aa7ae4490e6d8",
  "details":{"parent_model":"","format":"gguf","family":"llama","families":["llama"],
             "parameter_size":"7.2B","quantization_level":"Q4_0"},
  "expires_at":"2024-06-04T14:38:31.83753-07:00","size_vram":5137025024,"context_length":4096},
 {"name":"big:70b","model":"big:70b","size":2000,"size_vram":500,
  "expires_at":"2318-09-11T00:00:00Z","context_length":8192}]}"""
NOW = datetime(2024, 6, 4, 21, 34, 31, tzinfo=UTC)


def test_all_loaded_models_of_a_server_count() -> None:
    values, reasons = summary(parse_ps(PS), None, NOW)
    assert values == {
        "loaded_models": 2,
        "memory_bytes": 5137027024,
        "gpu_memory_bytes": 5137025524,
        "gpu_share_pct": pytest.approx(100, abs=0.001),
        "context_tokens": 8192,
        "expires_in_s": 241,
    }
    assert reasons == {}


def test_an_endpoint_that_names_a_model_shows_that_one() -> None:
    values, reasons = summary(parse_ps(PS), "big:70b", NOW)
    assert values["gpu_share_pct"] == 25
    assert values["loaded_models"] == 2
    assert reasons == {"expires_in_s": "it stays loaded"}


def test_a_model_without_tag_means_the_latest() -> None:
    assert summary(parse_ps(PS), "mistral", NOW)[0]["memory_bytes"] == 5137025024


def test_a_model_that_is_not_loaded_holds_nothing() -> None:
    values, reasons = summary(parse_ps(PS), "gone", NOW)
    assert (values["memory_bytes"], values["gpu_memory_bytes"]) == (0, 0)
    assert set(reasons.values()) == {"gone is not loaded"}
    assert set(summary([], None, NOW)[1].values()) == {"no model is loaded"}


def test_older_servers_do_not_tell_the_context() -> None:
    models = parse_ps(b'{"models":[{"name":"a","size":1,"size_vram":0}]}')
    values, reasons = summary(models, None, NOW)
    assert values["gpu_share_pct"] == 0
    assert reasons["context_tokens"] == "this Ollama is too old to tell"


def test_a_server_without_models_answers_with_null() -> None:
    assert parse_ps(b'{"models":null}') == []


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"models":[{"size":"x"}]}', b"<html>"])
def test_another_answer_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolBroken, match="not a list of loaded models"):
        parse_ps(body)


async def test_the_server_is_asked_now_and_then_and_expiry_goes_by_its_clock() -> None:
    page = ModelPage(OllamaWatch)
    page.upstream.body = PS
    page.upstream.headers = {"date": "Tue, 04 Jun 2024 21:34:31 GMT"}
    assert (await page.ask(0))[0]["expires_in_s"] == 241
    await page.ask(3)
    assert page.paths == ["/api/ps"]


async def test_without_the_servers_clock_expiry_is_not_guessed() -> None:
    page = ModelPage(OllamaWatch)
    page.upstream.body = PS
    for second, date in enumerate((None, "yesterday")):
        page.upstream.headers = {} if date is None else {"date": date}
        values, reasons = await page.ask(5.0 * second)
        assert "expires_in_s" not in values
        assert reasons["expires_in_s"] == "the server does not tell its time"
