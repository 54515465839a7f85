"""From snapshots to ticks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llama_runner_pro.api.codec import JsonCodec
from llama_runner_pro.api.ws.picture import Picture
from llama_runner_pro.metrics.model import Field

if TYPE_CHECKING:
    from fakes.api_world import World

CODEC = JsonCodec()


def picture(world: World) -> Picture:
    """A picture that nothing has been drawn on."""
    return Picture(world.catalogue, world.history, world.supervisor)


def delta(drawn: Picture, snapshot: Any) -> dict[str, Any]:
    """The values that a tick carries to those who have the one before."""
    tick = drawn.advance(snapshot, 0.0)
    found: dict[str, Any] = json.loads(tick.encoded(CODEC, None, full=False))["values"]
    return found


def test_a_tick_holds_only_what_changed(world: World) -> None:
    drawn = picture(world)
    first = delta(drawn, world.sampler.tick({"cpu_usage_pct": 1.5, "memory_used_bytes": 10}))
    assert first == {"1": 1.5, "2": None, "3": 10, "4": None}
    assert delta(drawn, world.sampler.tick({"cpu_usage_pct": 1.5, "memory_used_bytes": 11})) == {
        "3": 11
    }
    assert delta(drawn, world.sampler.tick({"memory_used_bytes": 11})) == {"1": None}
    assert delta(drawn, world.sampler.tick({"memory_used_bytes": 11})) == {}


def test_a_tick_knows_the_one_that_it_builds_on(world: World) -> None:
    drawn = picture(world)
    ticks = [drawn.advance(world.sampler.tick({}), 0.0) for _ in range(3)]
    assert [(tick.previous_seq, tick.seq) for tick in ticks] == [(0, 1), (1, 2), (2, 3)]


def test_fields_that_nobody_declared_are_not_sent(world: World) -> None:
    drawn = picture(world)
    assert "5" not in delta(drawn, world.sampler.tick({"surprise_pct": 1.0}))


def test_a_change_of_the_catalogue_is_announced(world: World) -> None:
    drawn = picture(world)
    before = drawn.fields_version
    world.catalogue.declare([Field("endpoint/demo/rss_bytes", "bytes", "Memory", "endpoint")])
    tick = drawn.advance(world.sampler.tick({"endpoint/demo/rss_bytes": 7}), 0.0)
    assert tick.fields_version == drawn.fields_version == before + 1
    announced = json.loads(drawn.fields.encoded(CODEC))
    assert announced["fields"][-1] == {
        "id": 5,
        "name": "endpoint/demo/rss_bytes",
        "unit": "bytes",
        "label": "Memory",
        "group": "endpoint",
        "kind": "gauge",
    }


def test_a_new_reason_for_a_missing_value_is_announced_once(world: World) -> None:
    drawn = picture(world)
    before = drawn.fields_version
    for _ in range(3):
        drawn.advance(world.sampler.tick({}, {"gpu": "no driver"}), 0.0)
    assert drawn.fields_version == before + 1
    assert drawn.absent == {"gpu": "no driver"}


def test_history_is_told_by_field_ids_and_groups(world: World) -> None:
    drawn = picture(world)
    for value in (1.5, 2.5):
        drawn.advance(world.sampler.tick({"cpu_usage_pct": value, "memory_used_bytes": 10}), 0.0)
    whole = drawn.history(0, None)
    assert whole.columns == {1: [1.5, 2.5], 3: [10, 10]}
    assert drawn.history(whole.t_ms[0], frozenset({"cpu"})).columns == {1: [2.5]}


def test_the_plain_message_tells_of_the_models(world: World) -> None:
    tick = picture(world).advance(world.sampler.tick({"cpu_usage_pct": 1.5}), 0.0)
    message = json.loads(tick.plain())
    assert message["cpuUsage"] == 1.5
    assert set(message["modelMetrics"]) == {"demo", "org/model"}
