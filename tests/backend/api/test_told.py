"""What is gathered for monitoring systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.alerts import alert
from fakes.api_world import World

if TYPE_CHECKING:
    from pathlib import Path


def test_the_newest_sample_the_endpoints_and_the_alarms_are_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.alerts.known = [alert("a"), alert("b", severity="warning"), alert("c")]
    snapshot = world.sampler.tick({"cpu_usage_pct": 3.0})
    found = world.deps().told()
    assert found.snapshot is snapshot
    assert [field.name for field in found.fields][:2] == ["cpu_usage_pct", "load_1m"]
    assert [view.name for view in found.views] == ["demo", "org/model"]
    assert found.alerts_active == {"info": 0, "warning": 1, "critical": 2}
    assert (found.version, found.host) == (world.deps().version, "box")


def test_before_the_first_sample_there_is_none(tmp_path: Path) -> None:
    assert World(tmp_path).deps().told().snapshot is None
