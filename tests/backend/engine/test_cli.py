"""What a user or the supervisor sees when the engine refuses to start: one line and a code."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.engine import cli
from llama_runner_pro.engine.__main__ import main
from llama_runner_pro.engine.exit_codes import PREFIX, EngineExit

if TYPE_CHECKING:
    from pathlib import Path


def only_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr; nothing may be on stdout."""
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith(PREFIX)
    return line.removeprefix(PREFIX)


def test_all_wrong_arguments_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "99999", "--threads", "none"]) == EngineExit.BAD_ARGUMENTS
    line = only_line(capsys)
    assert all(flag in line for flag in ("--model", "--port", "--threads"))


def test_a_missing_model_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "gone.gguf"
    assert main(["--model", str(path), "--port", "8099"]) == EngineExit.MODEL_MISSING
    assert str(path) in only_line(capsys)


def test_a_line_break_in_a_path_does_not_break_the_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--model", str(tmp_path / "a\nb.gguf"), "--port", "8099"]) == 66
    assert "a b.gguf" in only_line(capsys)


def test_an_unknown_flag_leaves_with_the_documented_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--no-such-flag"])
    assert left.value.code == EngineExit.BAD_ARGUMENTS
    assert "--no-such-flag" in capsys.readouterr().err


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="x", description=cli.DESCRIPTION)
    cli.add_arguments(parser)
    with pytest.raises(SystemExit) as left:
        parser.parse_args(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    for flag in ("model", "port", "host", "ctx-size", "threads", "parallel", "gpu-layers", "alias"):
        assert f"--{flag}" in text


def test_a_check_loads_the_library_and_tells_what_it_computes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--check"]) == EngineExit.OK
    devices = json.loads(capsys.readouterr().out)
    assert devices
    assert all(isinstance(device, str) for device in devices)
