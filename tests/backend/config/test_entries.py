"""Changing single endpoints of a document."""

from __future__ import annotations

import pytest

from llama_runner_pro.config.entries import (
    with_added,
    with_amended,
    with_changed,
    with_section,
    without,
)
from llama_runner_pro.core.errors import ConfigError, UnknownEndpoint

DOCUMENT = {
    "check_interval": 3,
    "endpoints": [{"name": "a", "port": 1}, {"name": "b", "depends_on": ["a"]}],
}


def test_one_more_comes_last_and_the_rest_stays() -> None:
    made = with_added(DOCUMENT, {"name": "c"})
    assert [entry["name"] for entry in made["endpoints"]] == ["a", "b", "c"]
    assert made["check_interval"] == 3
    assert len(DOCUMENT["endpoints"]) == 2  # type: ignore[arg-type]


def test_the_first_endpoint_of_an_empty_document() -> None:
    assert with_added({}, {"name": "c"}) == {"endpoints": [{"name": "c"}]}


def test_another_entry_takes_the_place_and_keeps_the_name_unless_it_has_one() -> None:
    assert with_changed(DOCUMENT, "a", {"port": 9})["endpoints"][0] == {"name": "a", "port": 9}
    assert with_changed(DOCUMENT, "a", {"name": "z"})["endpoints"][0] == {"name": "z"}


def test_some_keys_change_and_the_others_stay() -> None:
    amended = with_amended(DOCUMENT, "b", {"port": 9})["endpoints"]
    assert amended == [{"name": "a", "port": 1}, {"name": "b", "depends_on": ["a"], "port": 9}]


def test_one_less() -> None:
    assert without(DOCUMENT, "b")["endpoints"] == [{"name": "a", "port": 1}]


def test_what_others_depend_on_stays_and_they_are_named() -> None:
    with pytest.raises(ConfigError) as refused:
        without(DOCUMENT, "a")
    (problem,) = refused.value.problems
    assert problem.path == "endpoints[1].depends_on"
    assert "b depends on 'a'" in problem.message


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    for change in (
        lambda: with_changed(DOCUMENT, "x", {}),
        lambda: with_amended(DOCUMENT, "x", {}),
        lambda: without(DOCUMENT, "x"),
    ):
        with pytest.raises(UnknownEndpoint) as refused:
            change()
        assert refused.value.known == ["a", "b"]


def test_some_keys_of_a_section_change_and_a_new_one_begins() -> None:
    before = {**DOCUMENT, "gateway": {"queue": 5, "host": "::1"}}
    after = with_section(before, "gateway", {"queue": 6})
    assert after["gateway"] == {"queue": 6, "host": "::1"}
    assert after["endpoints"] == DOCUMENT["endpoints"]
    assert with_section({}, "gateway", {"queue": 6}) == {"gateway": {"queue": 6}}
