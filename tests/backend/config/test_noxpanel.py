"""Entries of an older file."""

from __future__ import annotations

from llama_runner_pro.config.document import JsonObject
from llama_runner_pro.config.noxpanel import entries, is_older


def test_list_of_models_tells_an_older_file() -> None:
    assert is_older(JsonObject([("models", [])]))
    assert not is_older(JsonObject([("endpoints", [])]))


def test_key_of_a_mapping_is_the_name_unless_there_is_one() -> None:
    found = entries({"a": {"port": 1}, "b c": {"name": "B"}, "d": 5})
    assert found == [
        ("models.a", {"name": "a", "port": 1}),
        ('models["b c"]', {"name": "B"}),
        ("models.d", 5),
    ]


def test_what_the_older_monitor_left_behind_is_passed_over() -> None:
    found = entries([{"name": "a", "status": "online", "restart_count": 3, "last_check": None}])
    assert found == [("models[0]", {"name": "a"})]


def test_anything_else_holds_no_entries() -> None:
    assert entries("a") is None
