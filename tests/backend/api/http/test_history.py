"""The past over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.api_world import Answer, World, call

from llama_runner_pro.api.http.history import names_in
from llama_runner_pro.core.errors import HistoryOff, StoreUnavailable

NOW_MS = 1_700_000_000_000


async def get(world: World, path: str) -> Answer:
    """One question."""
    return await call(world.app(), "GET", f"/api/history{path}")


async def test_without_times_the_last_hour_is_answered(world: World) -> None:
    answer = await get(world, "?series=cpu_usage_pct,nobody&points=10")
    assert answer.status == 200
    document = answer.json
    assert (document["from_ms"], document["to_ms"]) == (NOW_MS - 3_600_000, NOW_MS)
    assert [one["name"] for one in document["series"]] == ["cpu_usage_pct"]
    assert document["unknown"] == ["nobody"]
    assert document["events"][0]["kind"] == "restart"
    (series,) = document["series"]
    assert len(document["t_ms"]) == len(series["avg"]) == len(series["count"])


async def test_times_are_understood_in_every_usual_way(world: World) -> None:
    for times in (
        f"from={NOW_MS - 60_000}&to={NOW_MS}",
        "from=-1m&to=now",
        "from=2023-11-14T22:12:20Z&to=2023-11-14T22:13:20%2B00:00",
    ):
        document = (await get(world, f"?series=load_1m&{times}")).json
        assert (document["from_ms"], document["to_ms"]) == (NOW_MS - 60_000, NOW_MS)


async def test_series_may_be_repeated_and_hold_commas(world: World) -> None:
    await get(world, "?series=load_1m&series=endpoint/a%5C,b/rss_bytes,load_1m")
    assert world.past.asked[0][0] == ("load_1m", "endpoint/a,b/rss_bytes")
    assert names_in(" , ,a,,") == ["a"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "no_series"),
        ("?series=,", "no_series"),
        ("?series=" + ",".join(f"s{at}" for at in range(65)), "too_many_series"),
        ("?series=a&from=now&to=now", "bad_range"),
        ("?series=a&from=-1m&to=-1h", "bad_range"),
        ("?series=a&from=yesterday", "bad_range"),
        ("?series=a&from=0", "bad_range"),
        ("/export?step=1&from=-365d", "too_many_rows"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_with_a_hint(
    world: World, query: str, code: str
) -> None:
    answer = await get(world, query)
    assert (answer.status, answer.json["code"]) == (400, code)
    assert answer.json["hint"]
    assert world.past.asked == []


@pytest.mark.parametrize("path", ["?series=a", "/series", "/export?series=a", "/export"])
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (HistoryOff(), 409, "history_off"),
        (StoreUnavailable("gone", "plug it in"), 503, "store_unreachable"),
    ],
)
async def test_a_store_that_cannot_answer_is_told(
    world: World, path: str, error: Any, status: int, code: str
) -> None:
    world.past.broken = error
    answer = await get(world, path)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["hint"]


async def test_what_there_is_and_how_full_it_is_can_be_asked(world: World) -> None:
    assert len((await get(world, "/series")).json["series"]) == 3
    assert (await get(world, "/stats")).json["available"]


async def test_an_export_is_a_file_with_a_name(world: World) -> None:
    answer = await get(world, "/export?series=load_1m&from=-1m")
    assert answer.headers["content-type"].startswith("text/csv")
    name = 'attachment; filename="llama-runner-history-2023-11-14T221220000Z.csv"'
    assert answer.headers["content-disposition"] == name
    assert answer.body.count(b"\r\n") == 61


async def test_an_export_without_names_holds_everything(world: World) -> None:
    answer = await get(world, "/export?format=json&from=-1m&step=10")
    document = json.loads(answer.body)
    assert len(document["series"]) == 3
    assert len(document["points"]) == 6
