"""`version`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from llama_runner_pro.cli.main import main

if TYPE_CHECKING:
    import pytest


def test_the_version_is_printed_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"llama-runner-pro {version('llama-runner-pro')}\n"


def test_the_version_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "version": version("llama-runner-pro"),
        "python": platform.python_version(),
    }
