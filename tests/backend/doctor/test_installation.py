"""What is installed, judged from measured values."""

from __future__ import annotations

from pathlib import Path

import pytest

from llama_runner_pro.doctor.installation import (
    engine_installed,
    engine_library,
    otlp_installed,
    page_built,
    python_version,
)


@pytest.mark.parametrize(
    ("version", "level"),
    [((3, 10, 9), "fail"), ((3, 11, 0), "ok"), ((3, 14, 2), "ok"), ((4, 0, 0), "ok")],
)
def test_a_python_that_is_too_old_fails(version: tuple[int, int, int], level: str) -> None:
    finding = python_version(version, "/usr/bin/python3")
    assert (finding.id, finding.level) == ("python-version", level)
    assert finding.where == "/usr/bin/python3"


def test_without_the_page_the_rest_works() -> None:
    assert page_built(None).level == "warn"
    assert page_built(Path("/srv/page")).level == "ok"


def test_pushing_that_is_not_installed_says_how_to_install_it() -> None:
    assert otlp_installed("1.45").level == "ok"
    missing = otlp_installed(None)
    assert missing.level == "fail"
    assert missing.fix == "pip install 'llama-runner-pro[otlp]'"


def test_a_missing_engine_fails_only_who_needs_it() -> None:
    assert engine_installed("2026.1", ["demo"]).level == "ok"
    assert engine_installed(None, []).level == "warn"
    needed = engine_installed(None, ["demo", "other"])
    assert needed.level == "fail"
    assert "demo, other" in needed.what
    assert "pip install" in needed.fix


def test_a_library_that_loads_tells_what_it_computes_on() -> None:
    finding = engine_library(0, '["CPU (Some Processor)", "CUDA0 (H200)"]\n', "")
    assert finding.level == "ok"
    assert "CPU (Some Processor); CUDA0 (H200)" in finding.what


@pytest.mark.parametrize("output", ["", "no json", "{}"])
def test_a_library_that_loads_and_says_nothing_is_well(output: str) -> None:
    assert engine_library(0, output, "").level == "ok"


def test_a_library_that_refuses_says_why() -> None:
    finding = engine_library(78, "", "the embedded engine cannot be loaded: libgomp.so.1\n")
    assert (finding.level, "libgomp.so.1" in finding.what) == ("fail", True)


def test_a_library_that_crashes_or_hangs_fails() -> None:
    crashed, hung = engine_library(-4, "", ""), engine_library(None, "", "")
    assert (crashed.level, hung.level) == ("fail", "fail")
    assert "signal 4" in crashed.what
    assert crashed.fix
    assert hung.fix
