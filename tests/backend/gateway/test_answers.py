"""What servers answer is read as far as it makes sense; the rest is left out."""

from __future__ import annotations

import pytest

from llama_runner_pro.gateway import answers
from llama_runner_pro.gateway.facts import Facts, Offer

ODD = [None, 5, [], {}, {"data": 5, "models": 5}, {"data": [5, {}], "models": [5, {}]}]


@pytest.mark.parametrize("document", ODD)
def test_nonsense_offers_nothing(document: object) -> None:
    assert answers.of_openai(document) == []
    assert answers.of_lmstudio(document) == []
    assert answers.of_ollama(document, document) == []
    offer = Offer("m", Facts(size_bytes=1))
    assert answers.with_show(offer, document).facts.size_bytes == 1
    assert answers.with_props(offer, document).facts.size_bytes == 1


def test_llama_cpp_tells_in_meta() -> None:
    document = {
        "data": [
            {
                "id": "m",
                "meta": {"n_ctx_train": 8192, "n_embd": 576, "n_params": 134_515_008, "size": 98},
            }
        ],
        "models": [{"name": "m", "capabilities": ["completion", "multimodal"]}],
    }
    assert answers.of_openai(document) == [
        Offer(
            "m",
            Facts(
                size_bytes=98,
                parameter_count=134_515_008,
                embedding_length=576,
                context_length_max=8192,
                capabilities=("completion", "vision"),
            ),
        )
    ]


def test_a_model_that_still_loads_has_no_meta() -> None:
    assert answers.of_openai({"data": [{"id": "m", "meta": None}]}) == [Offer("m")]


def test_vllm_tells_its_context() -> None:
    (offer,) = answers.of_openai({"data": [{"id": "m", "max_model_len": 4096}]})
    assert offer.facts.context_length == 4096


class TestProps:
    def test_the_context_in_effect_and_the_slots(self) -> None:
        props = {
            "default_generation_settings": {"n_ctx": 2048},
            "total_slots": 4,
            "model_path": "/m.gguf",
            "modalities": {"vision": True},
            "chat_template_caps": {"supports_tools": True},
        }
        facts = answers.with_props(Offer("m", Facts(context_length=1)), props).facts
        assert (facts.context_length, facts.slots, facts.path) == (2048, 4, "/m.gguf")
        assert (facts.operation, facts.capabilities) == ("vlm", ("completion", "tools", "vision"))

    def test_an_older_one_shows_its_template(self) -> None:
        props = {"chat_template": "{% if tools %}"}
        facts = answers.with_props(Offer("m"), props).facts
        assert facts.capabilities == ("completion", "tools")

    def test_a_template_that_can_be_told_to_think_is_listed_as_thinking(self) -> None:
        props = {"chat_template": "{% if enable_thinking %}<think>{% endif %}"}
        facts = answers.with_props(Offer("m"), props).facts
        assert (facts.capabilities, facts.lacks) == (("completion", "thinking"), None)

    @pytest.mark.parametrize(
        "template", ["<think>", "{{ reasoning_content }}", "<|channel|>analysis", "Thought:", ""]
    )
    def test_one_that_may_think_is_not_said_to_lack_it(self, template: str) -> None:
        assert answers.with_props(Offer("m"), {"chat_template": template}).facts.lacks is None

    def test_a_template_without_any_thought_lacks_thinking(self) -> None:
        props = {"chat_template": "<|im_start|>{{ message.content }}<|im_end|>"}
        assert answers.with_props(Offer("m"), props).facts.lacks == ("thinking",)

    def test_tools_are_lacking_where_they_do_not_reach_the_prompt(self) -> None:
        props = {"chat_template": "{{ x }}", "chat_template_caps": {"supports_tools": False}}
        assert answers.may_lack_tools(props)
        offer = answers.with_props(Offer("m"), props)
        dropped = answers.with_rendered(offer, {"prompt": "user: ?"})
        assert dropped.facts.lacks == ("tools", "thinking")
        # Older ones describe tools by themselves, whatever the template can do.
        described = answers.with_rendered(offer, {"prompt": f"[{answers.TRIAL_TOOL}] user: ?"})
        assert described.facts.lacks == ("thinking",)
        assert answers.with_rendered(offer, None) == offer

    @pytest.mark.parametrize(
        "props",
        [None, {}, {"chat_template_caps": {}}, {"chat_template_caps": {"supports_tools": True}}],
    )
    def test_whoever_does_not_deny_tools_is_not_tried(self, props: object) -> None:
        assert not answers.may_lack_tools(props)

    def test_a_router_tells_no_context(self) -> None:
        props = {"default_generation_settings": {"n_ctx": 0}}
        assert answers.with_props(Offer("m"), props).facts.context_length is None


TAGS = {
    "models": [
        {
            "name": "llama3:latest",
            "model": "llama3:latest",
            "modified_at": "2026-01-02T03:04:05Z",
            "size": 4_661_224_676,
            "digest": "a" * 64,
            "details": {
                "family": "llama",
                "parameter_size": "8.0B",
                "quantization_level": "Q4_0",
                "context_length": 8192,
            },
        },
        {"name": "embedder", "capabilities": ["embedding"], "details": None},
    ]
}


class TestOllama:
    def test_the_list_and_what_is_loaded(self) -> None:
        running = {"models": [{"name": "llama3:latest", "context_length": 4096}]}
        first, second = answers.of_ollama(TAGS, running)
        assert first.facts.parameter_count == 8_000_000_000
        assert first.facts.modified_ms == 1_767_323_045_000
        assert (first.facts.loaded, second.facts.loaded) == (True, False)
        assert (first.facts.context_length, first.facts.context_length_max) == (4096, 8192)
        assert second.facts.operation == "embedding"

    def test_show_adds_what_the_list_leaves_out(self) -> None:
        (offer, _) = answers.of_ollama(TAGS, None)
        shown = answers.with_show(
            offer,
            {
                "capabilities": ["completion", "vision", "tools"],
                "model_info": {
                    "general.architecture": "llama",
                    "general.parameter_count": 8_030_261_312,
                    "llama.block_count": 32,
                    "llama.attention.head_count": 32,
                },
            },
        ).facts
        assert (shown.parameter_count, shown.block_count) == (8_030_261_312, 32)
        assert (shown.operation, shown.quantization) == ("vlm", "Q4_0")

    @pytest.mark.parametrize("size", ["", "8.0X", "B", None, 8])
    def test_an_odd_size_is_unknown(self, size: object) -> None:
        tags = {"models": [{"name": "m", "details": {"parameter_size": size}}]}
        assert answers.of_ollama(tags, None)[0].facts.parameter_count is None


def test_lm_studio_tells_state_and_kind() -> None:
    document = {
        "data": [
            {
                "id": "qwen",
                "type": "llm",
                "arch": "qwen2",
                "quantization": "4bit",
                "state": "loaded",
                "max_context_length": 32768,
                "loaded_context_length": 4096,
                "capabilities": ["tool_use"],
            },
            {"id": "nomic", "type": "embeddings", "state": "not-loaded"},
            {"id": "see", "type": "vlm"},
        ]
    }
    qwen, nomic, see = answers.of_lmstudio(document)
    assert qwen.facts.capabilities == ("completion", "tools")
    assert (qwen.facts.context_length, qwen.facts.loaded) == (4096, True)
    assert (nomic.facts.operation, nomic.facts.loaded) == ("embedding", False)
    assert (see.facts.operation, see.facts.capabilities) == ("vlm", ("completion", "vision"))
