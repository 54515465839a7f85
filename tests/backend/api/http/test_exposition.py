"""`GET /metrics` as Prometheus asks for it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from fakes.api_world import World, call
from fakes.configured import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

BEARER = {"authorization": f"Bearer {TOKEN}"}


async def test_a_scrape_gets_the_newest_sample(world: World) -> None:
    app = world.app()
    world.sampler.tick({"cpu_usage_pct": 12.5})
    world.sampler.tick({"cpu_usage_pct": 13.5})
    answer = await call(app, "GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.body.decode().splitlines()
    assert "llama_runner_cpu_usage_percent 13.5" in lines
    assert 'llama_runner_endpoint_state{endpoint="demo",state="online"} 1.0' in lines


async def test_a_scrape_does_not_make_the_sensors_work_faster(world: World) -> None:
    app = world.app()
    world.sampler.tick({"cpu_usage_pct": 1.0})
    before = list(world.sampler.demands)
    await call(app, "GET", "/metrics")
    assert world.sampler.demands == before


async def test_before_the_first_sample_a_scrape_succeeds(world: World) -> None:
    answer = await call(world.app(), "GET", "/metrics")
    assert (answer.status, b"llama_runner_up 1.0" in answer.body) == (200, True)


async def test_openmetrics_is_given_to_those_who_want_it(world: World) -> None:
    headers = {"accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    answer = await call(world.app(), "GET", "/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.body.endswith(b"# EOF\n")


async def test_a_packed_answer_says_so(world: World) -> None:
    answer = await call(world.app(), "GET", "/metrics", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert b"llama_runner_up 1.0" in gzip.decompress(answer.body)
    assert answer.headers["vary"] == "accept, accept-encoding"
    assert answer.headers["cache-control"] == "no-store"


async def test_only_reading_works(world: World) -> None:
    answer = await call(world.app(), "POST", "/metrics")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (await call(world.app(), "HEAD", "/metrics")).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "localhost:8585"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
async def test_pages_of_others_get_no_metrics(
    world: World, headers: dict[str, str], status: int
) -> None:
    assert (await call(world.app(), "GET", "/metrics", headers=headers)).status == status


async def test_where_others_can_reach_it_a_scrape_shows_the_token(tmp_path: Path) -> None:
    app = World(tmp_path, exposed=True).app()
    assert (await call(app, "GET", "/metrics")).status == 401
    assert (await call(app, "GET", "/metrics", headers=BEARER)).status == 200
