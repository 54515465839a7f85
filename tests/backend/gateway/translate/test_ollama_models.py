"""Models as Ollama's clients expect them listed."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.gateway.translate.ollama_models import (
    capabilities,
    parameter_size,
    ps_item,
    show,
    tagged,
    tags_item,
)

FULL = ModelView(
    name="smol",
    endpoint="local",
    kind="llamacpp",
    state="loaded",
    size_bytes=100,
    memory_bytes=300,
    gpu_memory_bytes=200,
    context_length=4096,
    context_length_max=8192,
    architecture="llama",
    parameter_count=8_030_000_000,
    quantization="Q4_K_M",
    embedding_length=576,
    block_count=30,
    head_count=9,
    capabilities=("completion", "tools", "insert"),
    digest="ab" * 32,
    modified_ms=1_767_268_800_000,
    expires_ms=1_767_268_900_000,
)
BARE = ModelView(name="x", endpoint="e", kind="openai", state="not_loaded")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a", "a:latest"), ("a:8b", "a:8b"), ("hf.co:80/a", "hf.co:80/a:latest"), ("o/a:q", "o/a:q")],
)
def test_every_name_carries_a_tag(name: str, wanted: str) -> None:
    assert tagged(name) == wanted


def test_the_list_holds_what_every_client_reads() -> None:
    item = tags_item(FULL)
    assert item["name"] == item["model"] == "smol:latest"
    assert item["modified_at"] == "2026-01-01T12:00:00.000Z"
    assert (item["size"], item["digest"]) == (100, "ab" * 32)
    assert item["details"] == {
        "parent_model": "",
        "format": "gguf",
        "family": "llama",
        "families": ["llama"],
        "parameter_size": "8.0B",
        "quantization_level": "Q4_K_M",
        "context_length": 4096,
        "embedding_length": 576,
    }


def test_what_is_unknown_leaves_no_field_out_that_clients_need() -> None:
    item = tags_item(BARE)
    assert len(item["digest"]) == 64
    for name in ("format", "family", "families", "parameter_size", "quantization_level"):
        assert name in item["details"]
    assert item["size"] == 0


def test_running_models_show_memory_context_and_expiry() -> None:
    item = ps_item(FULL)
    assert (item["size"], item["size_vram"], item["context_length"]) == (500, 200, 4096)
    assert item["expires_at"] == "2026-01-01T12:01:40.000+00:00"
    assert ps_item(BARE)["expires_at"].startswith("2318-")


def test_show_always_has_facts_and_capabilities() -> None:
    shown = show(FULL)
    assert shown["model_info"] == {
        "general.architecture": "llama",
        "general.basename": "smol",
        "general.parameter_count": 8_030_000_000,
        "general.file_type": 15,
        "llama.context_length": 4096,
        "llama.embedding_length": 576,
        "llama.block_count": 30,
        "llama.attention.head_count": 9,
    }
    assert shown["capabilities"] == ["completion", "tools", "insert"]
    assert "parameters" not in shown
    assert show(BARE)["model_info"] == {
        "general.architecture": "unknown",
        "general.basename": "x",
    }
    assert show(BARE)["capabilities"] == ["completion"]


def test_copilot_sees_the_name_it_asked_for() -> None:
    info = show(FULL, "GitHubCopilotChat/0.30", "Mine")["model_info"]
    assert info["general.basename"] == "Mine"
    assert show(FULL, "curl", "Mine")["model_info"]["general.basename"] == "smol"


def test_filling_in_is_announced_the_way_editors_look_for_it() -> None:
    assert ".Suffix" in show(FULL)["template"]
    assert ".Suffix" not in show(BARE)["template"]


def test_embedding_and_picture_models_say_so() -> None:
    assert capabilities(msgspec.structs.replace(BARE, operation="embedding")) == ("embedding",)
    assert capabilities(msgspec.structs.replace(BARE, operation="vlm")) == ("completion", "vision")


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, ""), (494_030_000, "494.03M"), (1_540_000_000, "1.5B"), (900, "0.90K")],
)
def test_sizes_of_models_are_written_as_people_say_them(count: int | None, text: str) -> None:
    assert parameter_size(count) == text
