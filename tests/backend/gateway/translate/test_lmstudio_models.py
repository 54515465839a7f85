"""Models as LM Studio's strict clients parse them."""

from __future__ import annotations

import pytest
from fakes.surface_world import SMOL
from msgspec.structs import replace

from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.gateway.translate.lmstudio_models import model_info, v0_item, v1_item

BARE = ModelView(name="x", endpoint="e", kind="openai", state="failed")


def test_the_older_list_has_every_field_that_zed_needs_in_its_words() -> None:
    assert v0_item(SMOL) == {
        "id": "smol",
        "object": "model",
        "type": "llm",
        "publisher": "local",
        "arch": "llama",
        "compatibility_type": "gguf",
        "quantization": "Q4_K_M",
        "state": "loaded",
        "max_context_length": 8192,
        "loaded_context_length": 4096,
        "capabilities": ["tool_use"],
    }
    bare = v0_item(BARE)
    assert (bare["state"], bare["arch"], bare["capabilities"]) == ("not-loaded", None, [])
    assert "max_context_length" not in bare


@pytest.mark.parametrize(
    ("operation", "older", "newer"),
    [("llm", "llm", "llm"), ("vlm", "vlm", "llm"), ("embedding", "embeddings", "embedding")],
)
def test_each_version_has_its_own_words_for_types(operation: str, older: str, newer: str) -> None:
    view = replace(SMOL, operation=operation)
    assert (v0_item(view)["type"], v1_item(view)["type"]) == (older, newer)
    assert ("capabilities" in v1_item(view)) == (operation != "embedding")


def test_the_newer_list_tells_what_is_loaded_and_how() -> None:
    item = v1_item(replace(SMOL, name="org/smol", parameter_count=135_000_000))
    assert item["key"] == "org/smol"
    assert (item["publisher"], item["display_name"]) == ("org", "smol")
    assert item["quantization"] == {"name": "Q4_K_M", "bits_per_weight": 4}
    assert item["params_string"] == "135.00M"
    assert item["loaded_instances"] == [{"id": "org/smol", "config": {"context_length": 4096}}]
    assert item["capabilities"] == {"vision": False, "trained_for_tool_use": True}
    assert v1_item(BARE)["loaded_instances"] == []
    assert v1_item(BARE)["quantization"] is None


def test_answers_tell_of_their_model() -> None:
    assert model_info(SMOL) == {
        "arch": "llama",
        "quant": "Q4_K_M",
        "format": "gguf",
        "context_length": 4096,
    }
