"""Reading and changing the configuration over HTTP."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from fakes.api_world import Answer, World, call
from fakes.configured import START, TOKEN

from llama_runner_pro.api.frames import ConfigEvent
from llama_runner_pro.api.ws.hub import Hub
from llama_runner_pro.config.refusals import ApplyFailed
from llama_runner_pro.config.schema import config_schema

HEADERS = {"authorization": f"Bearer {TOKEN}"}


async def change(world: World, method: str, path: str, body: Any = None) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return await call(world.app(), method, path, body=content, headers=HEADERS)


async def test_the_document_is_shown_as_it_was_written_without_secrets(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/config")
    assert "s3cret-value" not in answer.body.decode()
    shown = answer.json
    assert shown["document"]["endpoints"][0]["headers"] == {"Authorization": "•••"}
    assert json.loads(shown["text"]) == shown["document"]
    assert shown["source"] == shown["saves_to"] == str(world.configured.path)
    assert (shown["schema_url"], shown["backups"], shown["problems"]) == (
        "/api/config/schema",
        [],
        [],
    )


async def test_a_change_answers_with_what_is_now_and_what_was_done(world: World) -> None:
    shown = (await call(world.app(), "GET", "/api/config")).json
    document = {**shown["document"], "check_interval": 9}
    document["endpoints"][1]["port"] = 9100
    body = {"version": shown["version"], "document": document}
    answer = await change(world, "PUT", "/api/config", body)
    assert answer.status == 200
    assert answer.json["config"]["version"] != shown["version"]
    assert answer.json["config"]["backups"][0]["version"] == shown["version"]
    assert answer.json["effect"] == {
        "added": [],
        "removed": [],
        "replaced": ["org/model"],
        "adjusted": ["demo"],
        "settings": ["check_interval"],
    }
    assert world.configured.on_disk["endpoints"][0] == START["endpoints"][0]


async def test_a_stale_change_is_refused_with_the_present_version(world: World) -> None:
    body = {"version": "old", "document": {"endpoints": []}}
    answer = await change(world, "PUT", "/api/config", body)
    assert (answer.status, answer.json["code"]) == (409, "version_conflict")
    assert answer.json["version"] == world.configured.store.version
    assert world.configured.applied == []


async def test_all_problems_come_with_place_words_and_hint(world: World) -> None:
    body = {
        "version": world.configured.store.version,
        "document": {"endpoints": [{"name": "a", "prot": 1}, {"name": "a", "port": "8081"}]},
    }
    answer = await change(world, "PUT", "/api/config", body)
    assert (answer.status, answer.json["code"]) == (422, "bad_config")
    problems = {one["path"]: one for one in answer.json["problems"]}
    assert problems["endpoints[0].prot"]["hint"] == "did you mean port?"
    assert problems["endpoints[1].port"]["hint"] == "write 8081 without quotes"
    assert "endpoints[1].name" in problems
    assert world.configured.on_disk == START


async def test_a_failed_step_is_named(world: World) -> None:
    world.configured.fails = [ApplyFailed("stopping demo", "pid 7 survived")]
    answer = await change(world, "DELETE", "/api/endpoints/demo")
    assert (answer.status, answer.json["code"]) == (409, "apply_failed")
    assert answer.json["step"] == "stopping demo"
    assert world.configured.running == ["demo", "org/model"]


async def test_a_full_disk_is_told_as_such(world: World) -> None:
    (world.folder / "backups").write_text("in the way")
    answer = await change(world, "DELETE", "/api/endpoints/demo")
    assert (answer.status, answer.json["code"]) == (507, "not_saved")


NAMES = [
    "a/b",
    'say "hi"',
    "it's",
    "größe",
    "😀",
    "\u05d0\u05d1\u05d2",
    "a%41",
    "a?b#c",
    "..",
    "x y",
]


@pytest.mark.parametrize("name", NAMES)
async def test_endpoints_of_any_name_come_change_and_go(world: World, name: str) -> None:
    address = f"/api/endpoints/{quote(name, safe='')}"
    added = await change(
        world, "POST", "/api/endpoints", {"endpoint": {"name": name, "port": 9000}}
    )
    assert (added.status, added.json["effect"]["added"]) == (201, [name])
    changed = await change(world, "PUT", address, {"endpoint": {"port": 9001}})
    assert changed.json["effect"]["replaced"] == [name]
    removed = await change(world, "DELETE", address)
    assert removed.json["effect"]["removed"] == [name]


async def test_the_version_is_checked_wherever_one_is_given(world: World) -> None:
    entry = {"endpoint": {"name": "new", "port": 9000}, "version": "old"}
    assert (await change(world, "POST", "/api/endpoints", entry)).status == 409
    assert (await change(world, "DELETE", "/api/endpoints/demo", {"version": "old"})).status == 409


async def test_backups_are_listed_and_returned_to(world: World) -> None:
    first = world.configured.store.version
    await change(world, "DELETE", "/api/endpoints/demo")
    (backup,) = (await call(world.app(), "GET", "/api/config/backups")).json["backups"]
    assert (backup["version"], backup["endpoints"]) == (first, 2)
    answer = await change(world, "POST", "/api/config/rollback", {"version": first})
    assert answer.json["config"]["version"] == first


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"backup": "a", "version": "b"}, 422), ({"backup": "nope"}, 404)],
)
async def test_a_return_must_say_where_to(world: World, body: dict[str, str], status: int) -> None:
    assert (await change(world, "POST", "/api/config/rollback", body)).status == status


async def test_the_schema_is_handed_out(world: World) -> None:
    assert (await call(world.app(), "GET", "/api/config/schema")).json == config_schema()


async def test_a_large_document_is_taken_and_a_larger_one_refused(world: World) -> None:
    many = [{"name": f"e{at}", "port": 10_000 + at} for at in range(10_000)]
    body = {"version": world.configured.store.version, "document": {"endpoints": many}}
    answer = await change(world, "PUT", "/api/config", body)
    assert (answer.status, len(answer.json["effect"]["added"])) == (200, 10_000)
    huge = {"version": "x", "document": {"x": "y" * 2_000_000}}
    assert (await change(world, "PUT", "/api/config", huge)).status == 413


DEEP = b'{"version": "v", "document": {"x": ' + b"[" * 100_000
BROKEN = [b"[" * 100_000, b'{"a":' * 100_000, DEEP, b'"\\ud800"', b"1" * 6_000]


@pytest.mark.parametrize("body", BROKEN)
async def test_bodies_that_are_no_document_are_refused(world: World, body: bytes) -> None:
    answer = await call(world.app(), "PUT", "/api/config", body=body, headers=HEADERS)
    assert answer.status in (400, 422)


async def test_viewers_hear_of_changes_and_of_refused_edits(world: World) -> None:
    hub = Hub(world.deps())
    await world.configured.store.remove("demo", None)
    world.configured.path.write_text("{ nope")
    await world.configured.store.reload()
    events = [hub.events.after(seq)[1] for seq in range(2)]
    bodies = [one.frame.event for one in events if one is not None]
    assert [type(body) for body in bodies] == [ConfigEvent, ConfigEvent]
    assert [(body.origin, bool(body.problems)) for body in bodies] == [
        ("api", False),
        ("file", True),
    ]
