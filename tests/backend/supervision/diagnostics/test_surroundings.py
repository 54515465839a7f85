"""What is told about the machine and about ourselves."""

from __future__ import annotations

import platform
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.supervision.diagnostics.surroundings import (
    machine_text,
    nvidia_smi_text,
    tail_text,
    versions_text,
)

if TYPE_CHECKING:
    from pathlib import Path

needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="runs a shell script")


def tool(folder: Path, script: str) -> str:
    """A program that stands in for nvidia-smi."""
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_the_machine_is_described(tmp_path: Path) -> None:
    text = machine_text(tmp_path)
    assert platform.machine() in text
    assert "memory: " in text
    assert " free" in text


def test_a_data_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "data folder's disk: unknown" in machine_text(tmp_path / "none")


def test_our_version_and_those_of_all_packages_are_listed() -> None:
    lines = versions_text("9.8.7").splitlines()
    assert lines[0] == "llama-runner-pro 9.8.7"
    assert any(line.startswith("msgspec ") for line in lines)


def test_without_the_tool_the_graphics_card_is_not_described() -> None:
    assert nvidia_smi_text("no-such-nvidia-smi") == "no-such-nvidia-smi is not installed.\n"


@needs_scripts
def test_the_tools_report_is_kept_with_its_exit_code(tmp_path: Path) -> None:
    text = nvidia_smi_text(tool(tmp_path, 'echo "report $1"; echo worse >&2; exit 9'))
    assert "ended with 9\nreport -q\nworse" in text


@needs_scripts
def test_a_tool_that_hangs_is_ended(tmp_path: Path) -> None:
    assert "did not end within" in nvidia_smi_text(tool(tmp_path, "exec sleep 600"))


def test_of_a_long_log_the_last_whole_lines_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("".join(f"line {n}\n" for n in range(1000)))
    text = tail_text(log, limit_bytes=100)
    assert text.endswith("line 998\nline 999\n")
    assert len(text) <= 100
    assert text.startswith("line ")


def test_a_short_log_is_kept_whole(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"one\n\xff\n")
    assert tail_text(log) == "one\n\ufffd\n"


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert tail_text(tmp_path / "none.log") == "There is no such log.\n"
