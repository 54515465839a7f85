"""The end of a log over HTTP."""

from __future__ import annotations

import pytest
from fakes.api_world import World, call

LOGS = "/api/ai-monitor/logs"


@pytest.fixture
def logged(world: World) -> World:
    (world.folder / "ai_monitor.log").write_text("INFO a\nERROR b\nINFO c\n")
    (world.folder / "org_model.log").write_text("from the model\n")
    return world


async def test_the_monitors_log_comes_unless_another_is_named(logged: World) -> None:
    answer = (await call(logged.app(), "GET", LOGS)).json
    assert [line["text"] for line in answer["data"]["lines"]] == ["INFO a", "ERROR b", "INFO c"]
    assert answer["data"]["source"] == "monitor"
    assert answer["message"] == "3 lines of the monitor log"


async def test_lines_level_and_text_choose(logged: World) -> None:
    app = logged.app()
    for query, expected in (
        ("lines=1", ["INFO c"]),
        ("level=error", ["ERROR b"]),
        ("q=info%20A", ["INFO a"]),
        ("lines=0", []),
    ):
        answer = (await call(app, "GET", f"{LOGS}?{query}")).json
        assert [line["text"] for line in answer["data"]["lines"]] == expected


async def test_a_models_log_is_found_by_its_name(logged: World) -> None:
    answer = (await call(logged.app(), "GET", f"{LOGS}?source=org%2Fmodel")).json
    assert [line["text"] for line in answer["data"]["lines"]] == ["from the model"]


async def test_an_unknown_log_lists_the_known_ones(logged: World) -> None:
    answer = await call(logged.app(), "GET", f"{LOGS}?source=../x")
    assert (answer.status, answer.json["data"]["code"]) == (404, "unknown_log")
    assert answer.json["data"]["known"] == ["monitor", "recovery", "demo", "org/model"]
