from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway import body as module
from llama_runner_pro.gateway.body import Spooled, collect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LARGE = module.SPOOL_BYTES + 1_000_000


async def pieces_of(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def whole(body: Spooled) -> bytes:
    return b"".join([piece async for piece in body.pieces()])


async def test_a_small_body_stays_in_memory(tmp_path: Path) -> None:
    assert await collect(pieces_of(b"ab", b"cd"), 100, tmp_path) == b"abcd"


async def test_a_large_body_lies_on_disk_without_a_name(tmp_path: Path) -> None:
    half = b"x" * (LARGE // 2)
    body = await collect(pieces_of(half, half), 2 * LARGE, tmp_path)
    assert isinstance(body, Spooled)
    assert body.size_bytes == 2 * len(half)
    await body.prepare()
    assert await whole(body) == half + half
    assert body.beginning(3) == b"xxx"
    body.close()
    body.close()
    assert names_in(tmp_path) == []


async def test_the_folder_on_disk_is_made_when_it_is_needed(tmp_path: Path) -> None:
    folder = tmp_path / "run" / "spool"
    body = await collect(pieces_of(b"x" * LARGE), 2 * LARGE, folder)
    assert isinstance(body, Spooled)
    body.close()
    assert names_in(folder) == []


@pytest.mark.parametrize("limit_bytes", [3, module.SPOOL_BYTES + 10])
async def test_a_body_beyond_the_limit_is_refused(limit_bytes: int, tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as caught:
        await collect(pieces_of(*[b"x" * 600_000] * 10), limit_bytes, tmp_path)
    assert caught.value.status == 413
    assert names_in(tmp_path) == []


async def test_fields_are_changed_in_what_is_sent_and_can_be_changed_again() -> None:
    body = Spooled()
    picture = "p" * 2_000_000
    await body.append(json.dumps({"image": picture, "model": "a", "n": 1}).encode())
    for name in ("b", "longer name"):
        body.with_fields({"model": json.dumps(name).encode(), "new": b"true"})
        await body.prepare()
        sent = await whole(body)
        assert len(sent) == body.size_bytes
        assert json.loads(sent) == {"image": picture, "model": name, "n": 1, "new": True}
    body.with_fields({})
    await body.prepare()
    assert json.loads(await whole(body))["model"] == "a"
    body.close()


async def test_what_cannot_be_taken_apart_cannot_be_changed() -> None:
    body = Spooled()
    await body.append(b'{"model":"m","\xff":1}')
    body.with_fields({"model": b'"x"'})
    with pytest.raises(BadRequest, match="not JSON"):
        await body.prepare()
    body.close()


async def test_a_body_that_is_closed_while_it_is_read_just_ends() -> None:
    body = Spooled()
    await body.append(b"x" * 3 * module.PIECE_BYTES)
    seen = 0
    async for piece in body.pieces():
        seen += len(piece)
        body.close()
    assert seen == module.PIECE_BYTES
