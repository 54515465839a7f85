"""Children for the tests of diagnostics, all of them gone at the end of each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.children import Launcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    """Starts real processes."""
    started = Launcher(tmp_path)
    yield started
    started.clean()
