"""Facts are merged, never guessed; a digest stays what it is."""

from __future__ import annotations

from llama_runner_pro.gateway.facts import Facts, of_gguf, stable_digest


def test_what_is_known_comes_before_what_others_know() -> None:
    merged = Facts(size_bytes=1).over(Facts(size_bytes=2, slots=3))
    assert (merged.size_bytes, merged.slots, merged.path) == (1, 3, None)


def test_a_digest_is_the_servers_own_where_it_tells_one() -> None:
    own = "AB" * 32
    assert stable_digest("m", Facts(digest=f"sha256:{own}")) == own.lower()


def test_otherwise_it_is_the_same_every_time_and_another_for_another_file() -> None:
    digest = stable_digest("M", Facts(path="/m.gguf", size_bytes=5, context_length=1))
    assert digest == stable_digest("m", Facts(path="/m.gguf", size_bytes=5, slots=9))
    assert digest != stable_digest("m", Facts(path="/m.gguf", size_bytes=6))
    assert len(digest) == 64
    assert stable_digest("m", Facts(digest="zz" * 32)) != "zz" * 32


def test_a_model_file_tells_of_its_model() -> None:
    facts = of_gguf(
        {
            "general.architecture": "llama",
            "general.file_type": 15,
            "general.parameter_count": 7_000,
            "llama.context_length": 8192,
            "llama.embedding_length": 576,
            "llama.block_count": 30,
            "llama.attention.head_count": [9, 12],
        }
    )
    assert facts == Facts(
        operation="llm",
        architecture="llama",
        quantization="Q4_K_M",
        parameter_count=7_000,
        context_length_max=8192,
        embedding_length=576,
        block_count=30,
        head_count=12,
    )


def test_one_that_pools_embeds() -> None:
    facts = of_gguf({"general.architecture": "bert", "bert.pooling_type": 1})
    assert (facts.operation, facts.capabilities) == ("embedding", ("embedding",))


def test_what_a_file_does_not_tell_stays_unknown() -> None:
    assert of_gguf({}) == Facts(operation="llm")
    assert of_gguf({"general.architecture": 5, "general.file_type": "x"}) == Facts(operation="llm")
