"""A world of fakes behind the API, new for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.api_world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
