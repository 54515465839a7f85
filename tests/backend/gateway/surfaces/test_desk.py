"""What every surface works with."""

from __future__ import annotations

from fakes.surface_table import FakeNames
from fakes.surface_world import SurfaceWorld


def test_both_doors_share_one_desk_and_names_are_optional() -> None:
    assert SurfaceWorld().desk.info.names is None
    names = FakeNames()
    assert SurfaceWorld(names=names).desk.info.names is names
