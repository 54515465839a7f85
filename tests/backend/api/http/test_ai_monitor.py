"""Status, watching, debug mode and configuration."""

from __future__ import annotations

from fakes.api_world import World, call

FAMILY = "/api/ai-monitor"


async def test_the_status_is_told_in_the_envelope(world: World) -> None:
    answer = (await call(world.app(), "GET", f"{FAMILY}/status")).json
    assert answer["status"] == "success"
    assert answer["message"] == "1 of 2 models online"
    assert answer["timestamp"] == "2023-11-14T22:13:20.000+00:00"
    assert answer["data"]["overall_status"] == "degraded"
    assert answer["data"]["models"]["demo"]["process_id"] == 4242


async def test_models_are_listed_by_name(world: World) -> None:
    answer = (await call(world.app(), "GET", f"{FAMILY}/models")).json
    assert list(answer["data"]["models"]) == ["demo", "org/model"]
    assert answer["message"] == "2 models"
    world.supervisor.by_name.clear()
    empty = (await call(world.app(), "GET", f"{FAMILY}/models")).json
    assert (empty["message"], empty["data"]) == ("no models are configured", {"models": {}})


async def test_starting_what_runs_already_is_a_warning(world: World) -> None:
    app = world.app()
    answer = (await call(app, "POST", f"{FAMILY}/start")).json
    assert (answer["status"], answer["message"]) == ("warning", "monitoring is already running")


async def test_watching_is_stopped_and_started_again(world: World) -> None:
    app = world.app()
    stopped = (await call(app, "POST", f"{FAMILY}/stop")).json
    assert (stopped["status"], stopped["data"]["monitoring_active"]) == ("success", False)
    again = (await call(app, "POST", f"{FAMILY}/stop")).json
    assert again["status"] == "warning"
    started = (await call(app, "POST", f"{FAMILY}/start")).json
    assert (started["status"], started["data"]["monitoring_active"]) == ("success", True)


async def test_debug_mode_is_set_or_toggled(world: World) -> None:
    app, path = world.app(), f"{FAMILY}/debug"
    assert (await call(app, "POST", path)).json["data"]["debug_mode"] is True
    assert (await call(app, "POST", path)).json["data"]["debug_mode"] is False
    answer = (await call(app, "POST", path, body=b'{"enabled": true}')).json
    assert (answer["message"], answer["data"]["debug_mode"]) == ("debug mode is on", True)
    again = (await call(app, "POST", path, body=b'{"enabled": true}')).json
    assert again["data"]["debug_mode"] is True


async def test_debug_mode_that_a_full_disk_will_forget_says_so(world: World) -> None:
    world.supervisor.unkept = "No space left on device"
    answer = (await call(world.app(), "POST", f"{FAMILY}/debug")).json
    assert (answer["status"], answer["data"]["debug_mode"]) == ("warning", True)
    assert answer["message"].startswith("debug mode is on, but only until the sidecar is restarted")


async def test_the_running_configuration_is_shown(world: World) -> None:
    answer = (await call(world.app(), "GET", f"{FAMILY}/config")).json
    assert answer["data"] == {"check_interval": 5, "endpoints": ["demo", "org/model"]}
