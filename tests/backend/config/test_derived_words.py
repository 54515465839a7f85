"""The settings of derived models in words."""

from __future__ import annotations

from llama_runner_pro.config.derived_words import DERIVED_WORDS
from llama_runner_pro.config.words import words_for


def test_every_word_is_for_people() -> None:
    for label, text in DERIVED_WORDS.values():
        assert label[0].isupper()
        assert text.endswith(".")


def test_parameters_of_a_model_are_not_those_of_an_engine() -> None:
    engine = words_for("EndpointSpec", "parameters")
    assert words_for("DerivedModelSpec", "parameters") != engine
