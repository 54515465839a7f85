"""Hidden secrets that come back unchanged keep their stored value."""

from __future__ import annotations

from typing import Any

import pytest

from llama_runner_pro.config.redact import redacted_document
from llama_runner_pro.config.restore import with_secrets
from llama_runner_pro.core.errors import ConfigError

HIDDEN = "•••"
STORED: dict[str, Any] = {
    "endpoints": [
        {
            "name": "a",
            "headers": {"Authorization": "Bearer one"},
            "env": {"API_KEY": "two", "LEVEL": "debug"},
            "parameters": {"api-key": "three", "ctx-size": 1},
            "start_command": ["s", "--api-key", "four", "--token=five", "-v"],
        },
        {"name": "b", "headers": {"X": "six"}},
    ]
}


def test_what_is_shown_and_sent_back_is_what_was_stored() -> None:
    shown = redacted_document(STORED)
    for secret in ("one", "two", "three", "four", "five", "six"):
        assert secret not in str(shown)
    assert "debug" in str(shown)
    assert with_secrets(shown, STORED) == STORED


def test_a_new_value_replaces_the_stored_one() -> None:
    shown = redacted_document(STORED)
    shown["endpoints"][0]["headers"] = {"Authorization": "Bearer new"}
    assert with_secrets(shown, STORED)["endpoints"][0]["headers"] == {"Authorization": "Bearer new"}


def test_endpoints_are_matched_by_name_wherever_they_stand() -> None:
    shown = redacted_document(STORED)
    shown["endpoints"].reverse()
    assert with_secrets(shown, STORED)["endpoints"] == STORED["endpoints"][::-1]


def test_a_renamed_endpoint_is_matched_by_its_place() -> None:
    shown = redacted_document(STORED)
    shown["endpoints"][1]["name"] = "renamed"
    assert with_secrets(shown, STORED)["endpoints"][1]["headers"] == {"X": "six"}


def test_arguments_may_move_around_their_secrets() -> None:
    shown = redacted_document(STORED)
    shown["endpoints"][0]["start_command"] = ["s", "-x", f"--token={HIDDEN}", "--api-key", HIDDEN]
    restored = with_secrets(shown, STORED)["endpoints"][0]["start_command"]
    assert restored == ["s", "-x", "--token=five", "--api-key", "four"]


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"name": "new", "headers": {"X": HIDDEN}}, "endpoints[2].headers.X"),
        ({"name": "a", "env": {"OTHER_KEY": HIDDEN}}, "endpoints[2].env.OTHER_KEY"),
        ({"name": "b", "start_command": ["s", "--key", HIDDEN]}, "endpoints[2].start_command[2]"),
        ({"name": "b", "start_command": [HIDDEN]}, "endpoints[2].start_command[0]"),
    ],
)
def test_a_hidden_value_without_a_stored_one_is_a_problem(entry: dict[str, Any], path: str) -> None:
    document = {"endpoints": [{"name": "x"}, {"name": "y"}, entry]}
    with pytest.raises(ConfigError) as refused:
        with_secrets(document, STORED)
    (problem,) = refused.value.problems
    assert problem.path == path
    assert problem.hint == "write the value itself"


def test_addresses_of_alarm_channels_are_kept_too() -> None:
    channel = {"name": "phone", "kind": "ntfy", "url": "https://ntfy.example/secret-topic"}
    stored = {"alerts": {"channels": [channel]}}
    shown = redacted_document(stored)
    assert "secret-topic" not in str(shown)
    assert with_secrets(shown, stored)["alerts"] == stored["alerts"]
    shown["alerts"]["channels"][0]["name"] = "other"
    with pytest.raises(ConfigError, match="stands for a stored secret"):
        with_secrets(shown, stored)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"endpoints": 5},
        {"endpoints": [5, None, []]},
        {"endpoints": [{"name": [], "headers": 5, "env": [HIDDEN], "start_command": HIDDEN}]},
        {"endpoints": [{"name": "a", "start_command": [1, None, {}]}]},
    ],
)
def test_other_shapes_are_left_for_the_check(document: dict[str, Any]) -> None:
    assert with_secrets(document, STORED) == document
