"""What the composition root hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakes.api_world import World


def test_nothing_can_be_exchanged_while_the_api_runs(world: World) -> None:
    deps = world.deps()
    with pytest.raises(AttributeError):
        deps.version = "other"  # type: ignore[misc]


def test_only_loopback_names_are_ours_unless_told_otherwise(world: World) -> None:
    assert world.deps().allowed_hosts == frozenset()
