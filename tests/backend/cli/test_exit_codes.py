"""Exit codes."""

from __future__ import annotations

from llama_runner_pro.cli.exit_codes import MEANING, Exit, table


def test_the_numbers_are_the_promised_ones() -> None:
    assert {code.name: code.value for code in Exit} == {
        "OK": 0,
        "UNHEALTHY": 1,
        "USAGE": 64,
        "BAD_DATA": 65,
        "NO_INPUT": 66,
        "UNAVAILABLE": 69,
        "CANNOT_CREATE": 73,
        "TEMPORARY": 75,
        "NO_PERMISSION": 77,
        "CONFIG": 78,
        "INTERRUPTED": 130,
    }


def test_every_code_is_explained_in_the_help() -> None:
    assert set(MEANING) == set(Exit)
    for code, meaning in MEANING.items():
        assert f"{code.value:>3}  {meaning}" in table()
