"""Words for people, one entry per setting and no more."""

from __future__ import annotations

import pytest

from llama_runner_pro.config.schema import config_schema
from llama_runner_pro.config.words import SECRET_FIELDS, WORDS, unit_of, words_for


def fields() -> set[tuple[str, str]]:
    schema = config_schema()
    shapes = {"Config": schema, **schema["$defs"]}
    return {(shape, key) for shape, one in shapes.items() for key in one["properties"]}


def test_nothing_is_described_that_does_not_exist() -> None:
    known = {key for _, key in fields()} | {f"{shape}.{key}" for shape, key in fields()}
    assert set(WORDS) <= known
    assert known >= SECRET_FIELDS


def test_an_undescribed_field_is_an_error() -> None:
    with pytest.raises(KeyError):
        words_for("EndpointSpec", "surprise")


@pytest.mark.parametrize(
    ("field", "unit"),
    [("grace_s", "s"), ("memory_bytes", "bytes"), ("above_pct", "%"), ("timeout", "s"), ("x", "")],
)
def test_units_come_from_names(field: str, unit: str) -> None:
    assert unit_of(field) == unit
