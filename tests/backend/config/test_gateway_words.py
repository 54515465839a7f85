"""The gateway's settings in words."""

from __future__ import annotations

from llama_runner_pro.config.gateway_words import GATEWAY_WORDS
from llama_runner_pro.config.words import words_for


def test_every_word_is_for_people() -> None:
    for label, text in GATEWAY_WORDS.values():
        assert label[0].isupper()
        assert text.endswith(".")


def test_the_same_key_means_different_things_in_different_places() -> None:
    assert words_for("KeySpec", "max_parallel") != words_for("GatewaySpec", "max_parallel")
