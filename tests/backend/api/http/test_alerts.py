"""What is wrong now, who was told, and whether it arrived."""

from __future__ import annotations

import pytest
from fakes.alerts import T0_MS, alert, delivery
from fakes.api_world import World, call


async def test_alarms_deliveries_and_channels_come_together(world: World) -> None:
    world.alerts.known = [alert("new"), alert("old", resolved_ms=T0_MS, resolution="recovered")]
    world.alerts.sent = [delivery(attempts=2, reason="no answer in time")]
    answer = (await call(world.app(), "GET", "/api/alerts")).json
    assert [one["id"] for one in answer["active"]] == ["new"]
    assert [one["id"] for one in answer["recent"]] == ["old"]
    assert answer["deliveries"][0]["reason"] == "no answer in time"
    assert [one["name"] for one in answer["channels"]] == ["desktop", "phone"]


async def test_lists_are_bounded(world: World) -> None:
    world.alerts.sent = [delivery(f"d-{number}") for number in range(5)]
    answer = (await call(world.app(), "GET", "/api/alerts?limit=2")).json
    assert [one["id"] for one in answer["deliveries"]] == ["d-0", "d-1"]


@pytest.mark.parametrize("limit", ["0", "201", "many"])
async def test_a_limit_out_of_bounds_is_refused(world: World, limit: str) -> None:
    assert (await call(world.app(), "GET", f"/api/alerts?limit={limit}")).status == 422


async def test_a_test_message_says_how_it_went(world: World) -> None:
    answer = await call(world.app(), "POST", "/api/alerts/test", body=b'{"channel": "phone"}')
    assert answer.status == 200
    assert answer.json == {
        "channel": "phone",
        "ok": True,
        "reason": "delivered",
        "duration_ms": 12.5,
    }
    assert world.alerts.tested == ["phone"]


async def test_a_channel_that_does_not_exist_is_not_tested(world: World) -> None:
    answer = await call(world.app(), "POST", "/api/alerts/test", body=b'{"channel": "fax"}')
    assert (answer.status, answer.json["code"]) == (404, "unknown_channel")
    assert answer.json["hint"] == "known are: desktop, phone"
    assert world.alerts.tested == []


async def test_an_alert_is_acknowledged_or_not_found(world: World) -> None:
    world.alerts.known = [alert("a-1")]
    app = world.app()
    known = await call(app, "POST", "/api/alerts/a-1/acknowledge")
    assert (known.json["acknowledged_ms"], known.json["unkept"]) == (T0_MS + 1, None)
    missing = await call(app, "POST", "/api/alerts/a-2/acknowledge")
    assert (missing.status, missing.json["code"]) == (404, "unknown_alert")


async def test_an_acknowledgement_that_a_full_disk_refused_says_so(world: World) -> None:
    world.alerts.known = [alert("a-1")]
    world.alerts.unkept = "No space left on device"
    known = await call(world.app(), "POST", "/api/alerts/a-1/acknowledge")
    assert (known.status, known.json["unkept"]) == (200, "No space left on device")
