"""What must hold in the section `gateway`, every problem at once; and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from llama_runner_pro.config.document import JsonObject
from llama_runner_pro.config.gateway_rules import (
    gateway_secrets,
    name_key,
    on_demand_names,
    redacted_gateway,
    restored_gateway,
)
from llama_runner_pro.config.load import check_document
from llama_runner_pro.config.redact import redacted, secrets_of
from llama_runner_pro.config.restore import with_secrets
from llama_runner_pro.core.errors import ConfigError
from llama_runner_pro.core.secrets import HIDDEN

if TYPE_CHECKING:
    from llama_runner_pro.config.model import Config

KEY = {"name": "ide", "secret": "s3cret-s3cret"}
ENDPOINTS = [
    {"name": "a", "kind": "llamacpp", "port": 9001, "model": "qwen"},
    {"name": "b", "kind": "llamacpp", "port": 9002, "model": "llama"},
]


def checked(gateway: dict[str, Any], endpoints: object = ENDPOINTS) -> Config:
    document = JsonObject([("endpoints", endpoints), ("gateway", gateway)])
    return check_document(document, source="test")


def problems(gateway: dict[str, Any]) -> list[str]:
    try:
        checked(gateway)
    except ConfigError as error:
        without = {"": " WITHOUT A HINT"}
        return [f"{one.path}: {one.message}{without.get(one.hint, '')}" for one in error.problems]
    return []


SOUND = [
    {},
    {"host": "localhost"},
    {"host": "::1"},
    {"host": "0.0.0.0", "keys": [KEY]},
    {"host": "0.0.0.0", "auth": "none"},
    {"models": [{"name": "big", "endpoints": ["a", "b"], "aliases": ["gpt-4o"]}]},
    {"models": [{"name": "qwen", "ttl_s": 300}]},
    {"models": [{"name": "fast", "upstream_model": "QWEN:latest"}]},
    {"models": [{"name": "qwen", "aliases": ["a"]}]},
    {"derived": [{"name": "bot", "base": "anything", "parameters": {"top_k": 1}}]},
    {"groups": [{"name": "gpu", "endpoints": ["a", "b"]}]},
    {"origins": ["*", "https://example.org"]},
    {"openai": {"port": 1234, "alternative_port": 1}, "ollama": {"enabled": False, "port": 1234,
     "alternative_port": 1}},
]  # fmt: skip

WRONG = [
    ({"host": "0.0.0.0"}, "gateway.host: 0.0.0.0 lets other computers in, and no key"),
    ({"host": "my-pc"}, "gateway.host: 'my-pc' is not an address"),
    ({"auth": "keys"}, "gateway.auth: a key is asked for"),
    ({"keys": [KEY, KEY]}, "gateway.keys[1].name: the name 'ide' is used already"),
    ({"keys": [KEY, {**KEY, "name": "b"}]}, "gateway.keys[1].secret: gateway.keys[0] has"),
    ({"keys": [{"name": "x", "secret": "with space"}]}, "gateway.keys[0].secret: it cannot be"),
    ({"openai": {"port": 5, "alternative_port": 5}}, "gateway.openai.alternative_port: port 5"),
    ({"ollama": {"port": 1234, "alternative_port": 9}}, "gateway.ollama.port: port 1234 is used"),
    ({"origins": ["example.org"]}, "gateway.origins[0]: 'example.org' is not an origin"),
    ({"models": [{"name": "x", "endpoints": ["c"]}]}, "gateway.models[0].endpoints[0]: no endp"),
    ({"derived": [{"name": "A", "base": "qwen"}]}, "gateway.derived[0].name: 'A' is what the"),
    (
        {"derived": [{"name": "x", "base": "qwen"}, {"name": "X:latest", "base": "qwen"}]},
        "gateway.derived[1].name: the name 'X:latest' is used already",
    ),
    ({"models": [{"name": "x"}]}, "gateway.models[0]: no endpoint serves 'x'"),
    (
        {"models": [{"name": "qwen"}, {"name": "Qwen:latest"}]},
        "gateway.models[1].name: the name 'Qwen:latest' is used already, by gateway.models[0].name",
    ),
    (
        {"models": [{"name": "qwen", "aliases": ["m", "M"]}]},
        "gateway.models[0].aliases[1]: the name 'M' is used already",
    ),
    ({"models": [{"name": "qwen", "aliases": [" m"]}]}, "gateway.models[0].aliases[0]: the name"),
    (
        {"models": [{"name": "qwen", "endpoints": ["b"]}]},
        "gateway.models[0].name: 'qwen' is what the endpoint 'a' has already",
    ),
    (
        {"models": [{"name": "x", "endpoints": ["b"], "aliases": ["a"]}]},
        "gateway.models[0].aliases[0]: 'a' is what the endpoint 'a' has already",
    ),
    ({"groups": [{"name": "g", "endpoints": ["z"]}]}, "gateway.groups[0].endpoints[0]: no endp"),
    (
        {"groups": [{"name": "g", "endpoints": ["a", "a"]}]},
        "gateway.groups[0].endpoints[1]: 'a' is listed twice",
    ),
    (
        {"groups": [{"name": "g", "endpoints": []}, {"name": "g", "endpoints": []}]},
        "gateway.groups[1].name: the name 'g' is used already",
    ),
]


@pytest.mark.parametrize("gateway", SOUND)
def test_what_makes_sense_is_taken(gateway: dict[str, Any]) -> None:
    assert problems(gateway) == []


@pytest.mark.parametrize(("gateway", "problem"), WRONG)
def test_what_makes_none_is_told_with_its_place_and_a_hint(
    gateway: dict[str, Any], problem: str
) -> None:
    (found,) = problems(gateway)
    assert found.startswith(problem)
    assert "WITHOUT" not in found


def test_all_problems_are_told_at_once() -> None:
    gateway = {
        "host": "nowhere",
        "origins": ["x"],
        "groups": [{"name": "g", "endpoints": ["z"]}],
        "models": [{"name": "x", "endpoints": ["y"]}],
    }
    assert len(problems(gateway)) == 4


def test_endpoints_that_tell_their_models_only_when_asked_may_serve_any() -> None:
    ollama = [{"name": "o", "kind": "ollama"}]
    assert checked({"models": [{"name": "x"}]}, ollama).gateway.models[0].name == "x"


class TestSecrets:
    def test_no_key_is_shown(self) -> None:
        config = checked({"keys": [KEY]})
        assert redacted(config)["gateway"]["keys"][0]["secret"] == HIDDEN
        assert KEY["secret"] not in str(redacted(config))
        assert KEY["secret"] in secrets_of(config)
        assert list(gateway_secrets(config.gateway)) == [KEY["secret"]]

    def test_a_document_without_keys_stays_as_it_is(self) -> None:
        assert redacted_gateway({"gateway": {}}) == {"gateway": {}}

    def test_a_hidden_one_is_put_back(self) -> None:
        stored = {"gateway": {"keys": [KEY]}}
        sent = {
            "gateway": {"keys": [{**KEY, "secret": HIDDEN}, {"name": "n", "secret": "newnewnew"}]}
        }
        back = with_secrets(sent, stored)
        assert [one["secret"] for one in back["gateway"]["keys"]] == [KEY["secret"], "newnewnew"]

    def test_one_that_stands_for_nothing_is_told(self) -> None:
        with pytest.raises(ConfigError, match=r"gateway.keys\[0\].secret"):
            with_secrets({"gateway": {"keys": [{"name": "x", "secret": HIDDEN}]}}, {})

    @pytest.mark.parametrize("gateway", [None, 5, {"keys": 5}, {"keys": [5]}])
    def test_another_shape_is_left_for_the_check(self, gateway: object) -> None:
        document = {"gateway": gateway}
        assert restored_gateway(document, {}, lambda _: None) == document


class TestOnDemand:
    @pytest.mark.parametrize(
        ("gateway", "names"),
        [
            ({}, ""),
            ({"ttl_s": 300}, "ab"),
            ({"max_running": 1}, "ab"),
            ({"groups": [{"name": "g", "endpoints": ["a", "b"]}]}, "ab"),
            ({"groups": [{"name": "g", "endpoints": ["a", "b"], "max_running": 2}]}, ""),
            ({"models": [{"name": "qwen", "ttl_s": 60}]}, "a"),
            ({"models": [{"name": "x", "endpoints": ["b"], "preload": True}]}, "b"),
            ({"models": [{"name": "qwen", "pinned": True}]}, ""),
            ({"enabled": False, "ttl_s": 300}, ""),
        ],
    )
    def test_what_the_gateway_limits_is_started_when_it_is_needed(
        self, gateway: dict[str, Any], names: str
    ) -> None:
        assert on_demand_names(checked(gateway)) == set(names)

    def test_an_endpoint_can_say_so_itself(self) -> None:
        entries = [{**ENDPOINTS[0], "on_demand": True}, ENDPOINTS[1]]
        assert on_demand_names(checked({}, entries)) == {"a"}


def test_names_differ_in_more_than_capitals_and_the_usual_tag() -> None:
    assert name_key(" Qwen:LATEST ") == name_key("qwen")
    assert name_key("qwen:7b") != name_key("qwen")
