"""Models that are made of others, as the configuration holds them."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.config.derived import LONGEST_TEXT, DerivedModelSpec


def test_a_name_and_a_base_are_enough() -> None:
    spec = msgspec.convert({"name": "bot", "base": "smol"}, DerivedModelSpec)
    assert (spec.system, spec.parameters, spec.stop, spec.messages) == (None, {}, (), ())


@pytest.mark.parametrize(
    "more",
    [
        {"base": ""},
        {"system": "x" * (LONGEST_TEXT + 1)},
        {"parameters": {"temperature": [1]}},
        {"stop": [""]},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"temprature": 1},
    ],
)
def test_what_makes_no_sense_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "bot", "base": "smol", **more}, DerivedModelSpec)
