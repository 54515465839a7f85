"""No secret survives, however it is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from llama_runner_pro.config.model import Config
from llama_runner_pro.core.secrets import HIDDEN
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.diagnostics.redaction import (
    Redactor,
    environment_secrets,
    known_secrets,
    secrets_in,
)

if TYPE_CHECKING:
    from pathlib import Path

AWKWARD = 'p"ss\\wörd/1'


@pytest.mark.parametrize(
    "written",
    [AWKWARD, json.dumps(AWKWARD), json.dumps(AWKWARD, ensure_ascii=False), quote(AWKWARD, "")],
)
def test_a_secret_is_hidden_in_every_way_of_writing_it(written: str) -> None:
    text = Redactor([AWKWARD]).text(f"before {written} after")
    assert HIDDEN in text
    assert "ss" not in text
    assert text.startswith("before ")
    assert text.endswith(" after")


def test_of_two_secrets_the_one_that_contains_the_other_is_hidden_whole() -> None:
    assert Redactor(["hunter", "hunter-2000"]).text("hunter-2000") == HIDDEN


def test_a_text_too_short_to_be_a_secret_is_left() -> None:
    assert Redactor(["on", ""]).text("monitor is on") == "monitor is on"


def test_what_looks_like_a_credential_is_hidden_without_being_known() -> None:
    assert "abcdefgh" not in Redactor().text("Authorization: Bearer abcdefgh")


def test_the_environment_is_searched_by_names() -> None:
    environ = {"HF_TOKEN": "hf-0123456789", "PATH": "/usr/bin:/bin", "USE_AUTH": "true"}
    assert environment_secrets(environ) == {"hf-0123456789"}


def test_the_known_ones_come_from_configuration_environment_and_token(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("token-value\n")
    config = Config(
        endpoints=(
            EndpointSpec(
                name="a",
                headers={"X-Plain": "header-value"},
                env={"API_KEY": "env-value", "HOME": "/home/x"},
                start_command=("serve", "--api-key", "argv-value"),
            ),
        )
    )
    found = known_secrets(config, {"MY_SECRET": "outer-value"}, token)
    assert found == {"header-value", "env-value", "argv-value", "outer-value", "token-value"}


def test_without_a_token_file_there_is_no_token(tmp_path: Path) -> None:
    assert known_secrets(Config(), {}, tmp_path / "none") == set()


def test_a_refused_configuration_is_searched_by_the_names_of_its_members() -> None:
    document = {
        "endpoints": [
            {
                "name": "a",
                "headers": {"X-Any": "header-value"},
                "env": {"API_KEY": "env-value", "LANG": "de"},
                "start_command": ["serve", "--token", "argv-value", "--key=other-value", "--fast"],
                "port": "no number",
            }
        ],
        "password": ["listed-value", {"deep": "deep-value"}],
    }
    assert secrets_in(document) == {
        "header-value",
        "env-value",
        "argv-value",
        "other-value",
        "listed-value",
        "deep-value",
    }


def test_no_configuration_has_no_secrets() -> None:
    assert secrets_in(None) == set()
