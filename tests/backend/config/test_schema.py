"""The JSON Schema says what the check says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from llama_runner_pro.config.document import JsonObject
from llama_runner_pro.config.load import check_document
from llama_runner_pro.config.model import Config
from llama_runner_pro.config.schema import config_schema
from llama_runner_pro.core.errors import ConfigError

SCHEMA = config_schema()
README = Path(__file__).parents[3] / "README.md"


def members() -> list[tuple[str, str, dict[str, Any]]]:
    """Shape, name and schema of every member."""
    shapes = {"Config": SCHEMA, **SCHEMA["$defs"]}
    return [
        (shape, key, member)
        for shape, schema in shapes.items()
        for key, member in schema["properties"].items()
    ]


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("shape", "key", "member"), members(), ids=lambda value: str(value)[:40])
def test_every_member_has_words_and_numbers_their_unit(
    shape: str, key: str, member: dict[str, Any]
) -> None:
    assert member["title"]
    assert member["description"].endswith(".")
    if key.endswith(("_s", "_bytes", "_pct", "_c")):
        assert member["x-unit"]


def test_it_holds_every_field_of_the_structs_with_its_default() -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(Config)}
    assert set(SCHEMA["properties"]) == fields
    assert SCHEMA["properties"]["check_interval"]["default"] == 5.0
    restart = SCHEMA["$defs"]["RestartSpec"]["properties"]
    assert restart["backoff_initial_s"]["default"] == 1.0
    assert restart["backoff_initial_s"]["x-unit"] == "s"


def test_secrets_are_marked() -> None:
    marked = {f"{shape}.{key}" for shape, key, member in members() if member.get("x-secret")}
    assert marked == {
        *("EndpointSpec.headers", "EndpointSpec.env", "ChannelSpec.url"),
        *("PrometheusSpec.headers", "OtlpSpec.headers", "KeySpec.secret"),
    }


def test_the_example_of_the_readme_is_valid() -> None:
    blocks = re.findall(r"```json\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    examples = [json.loads(block) for block in blocks if '"endpoints"' in block]
    assert examples
    for example in examples:
        Draft202012Validator(SCHEMA).validate(example)


BAD = [
    {"endpoint": []},
    {"check_interval": 0},
    {"debug_mode": 1},
    {"endpoints": [{"port": 1}]},
    {"endpoints": [{"name": "", "port": 1}]},
    {"endpoints": [{"name": "a", "port": 70_000}]},
    {"endpoints": [{"name": "a", "kind": "olama"}]},
    {"endpoints": [{"name": "a", "port": 1, "start_command": "x y"}]},
    {"endpoints": [{"name": "a", "port": 1, "restart": {"budget": -1}}]},
]


@pytest.mark.parametrize("document", BAD, ids=str)
def test_what_it_refuses_the_check_refuses_too(document: dict[str, Any]) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(document)
    with pytest.raises(ConfigError):
        check_document(JsonObject(list(document.items())), source="test")
