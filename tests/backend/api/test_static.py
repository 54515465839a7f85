"""The dashboard's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.api_world import World, call

from llama_runner_pro.api.static import is_page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def built(tmp_path: Path, world: World) -> World:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the dashboard</title>")
    (folder / "assets" / "index-abc123.js").write_text("console.log(1)")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    world.static_dir = folder
    return world


async def test_the_page_is_always_asked_for_again(built: World) -> None:
    answer = await call(built.app(), "GET", "/")
    assert (answer.status, answer.body) == (200, b"<title>the dashboard</title>")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


async def test_an_unchanged_page_is_not_sent_again(built: World) -> None:
    app = built.app()
    tag = (await call(app, "GET", "/")).headers["etag"]
    again = await call(app, "GET", "/", headers={"host": "localhost", "if-none-match": tag})
    assert (again.status, again.body) == (304, b"")


async def test_files_with_a_hash_in_their_name_are_kept_for_ever(built: World) -> None:
    answer = await call(built.app(), "GET", "/assets/index-abc123.js")
    assert answer.status == 200
    assert "javascript" in answer.headers["content-type"]
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/endpoints", "/endpoints/org/model", "/recovery", "/logs/"])
async def test_the_dashboards_own_addresses_get_the_page(built: World, path: str) -> None:
    answer = await call(built.app(), "GET", path)
    assert (answer.status, answer.body) == (200, b"<title>the dashboard</title>")


@pytest.mark.parametrize(
    "path",
    ["/assets/gone.js", "/favicon.png", "/api/gone", "/api", "/assets/", "/metrics/x"],
)
async def test_what_is_missing_is_missing(built: World, path: str) -> None:
    answer = await call(built.app(), "GET", path)
    assert (answer.status, answer.json["code"]) == (404, "unknown_route")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//secret.txt"]
)
async def test_nothing_outside_the_folder_is_served(built: World, path: str) -> None:
    answer = await call(built.app(), "GET", path)
    assert answer.status in (400, 404)
    assert b"secret" not in answer.body.replace(b"secret.txt", b"")


async def test_the_dashboard_takes_no_commands(built: World) -> None:
    answer = await call(built.app(), "POST", "/")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_without_a_build_a_page_says_how_to_get_one(world: World) -> None:
    for path in ("/", "/endpoints"):
        answer = await call(world.app(), "GET", path)
        assert answer.status == 200
        assert b"npm start" in answer.body
    assert (await call(world.app(), "GET", "/favicon.ico")).status == 404


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("index.html", True), ("a/b", True), ("a.js", False), ("api/x", False), ("metrics", False)],
)
def test_pages_are_told_from_files(wanted: str, *, expected: bool) -> None:
    assert is_page(wanted) is expected
