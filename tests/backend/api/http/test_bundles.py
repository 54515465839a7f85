"""Diagnostics bundles are listed and handed out, and nothing else is."""

from __future__ import annotations

import pytest
from fakes.api_world import World, call

from llama_runner_pro.supervision.diagnostics.store import BundleStore, incident_bundle_name

NAME = incident_bundle_name("20260131T120000-abcdef")


@pytest.fixture
def kept(world: World) -> World:
    BundleStore(world.folder / "bundles").save(NAME, b"\x1f\x8bpacked")
    (world.folder / "secret.tar.gz").write_bytes(b"secret")
    return world


async def test_without_any_the_list_is_empty(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/bundles")
    assert answer.json == {"debug_mode": False, "bundles": []}


async def test_bundles_are_listed_with_their_incident(kept: World) -> None:
    kept.supervisor.debug_mode = True
    answer = await call(kept.app(), "GET", "/api/bundles")
    assert answer.json["debug_mode"] is True
    (bundle,) = answer.json["bundles"]
    assert (bundle["name"], bundle["size_bytes"]) == (NAME, 8)
    assert bundle["incident_id"] == "20260131T120000-abcdef"


async def test_a_bundle_is_handed_out_as_a_file_to_be_saved(kept: World) -> None:
    answer = await call(kept.app(), "GET", f"/api/bundles/{NAME}")
    assert (answer.status, answer.body) == (200, b"\x1f\x8bpacked")
    assert answer.headers["content-type"] == "application/gzip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["..%2Fsecret.tar.gz", "%2E%2E%2Fsecret.tar.gz", "other.tar.gz", "a%00.tar.gz", ".."]
)
async def test_any_other_name_is_not_found(kept: World, name: str) -> None:
    answer = await call(kept.app(), "GET", f"/api/bundles/{name}")
    assert answer.status == 404
    assert b"secret\n" not in answer.body
    assert answer.body != b"secret"
