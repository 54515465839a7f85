"""Large requests are taken in, translated and sent on with little memory."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from fakes.surface_world import SMOL, SurfaceWorld, answer, whole
from msgspec.structs import replace

from llama_runner_pro.core.errors import BadRequest, ClientGone
from llama_runner_pro.gateway.body import Spooled
from llama_runner_pro.gateway.dispatch import STATE_SPOOLED
from llama_runner_pro.gateway.lifted import Woven
from llama_runner_pro.gateway.surfaces.intake import Intake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

MB = 1_000_000


def large_world(**view: Any) -> SurfaceWorld:
    """Takes 200 MB."""
    world = SurfaceWorld(replace(SMOL, **view))
    world.body_limit_bytes = 200 * MB
    world.journeys.kind = view.get("kind", "llamacpp")
    return world


def pieces_around(start: bytes, end: bytes, megabytes: int) -> Iterator[bytes]:
    """A body with a picture of that size in it."""
    piece = b"iVBORw0K" * (MB // 8)
    yield start
    for _ in range(megabytes):
        yield piece
    yield end


async def post(app: ASGIApp, path: str, pieces: Iterator[bytes], **state: Any) -> int:
    """Send a body in pieces; the status of the answer."""
    status = 0

    async def receive() -> Any:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {"type": "http", "method": "POST", "path": path, "headers": [], "state": state}
    await app(scope, receive, send)
    return status


async def sent_bytes(world: SurfaceWorld) -> int:
    """How much goes to the server."""
    body = world.journeys.sent[-1].body
    assert isinstance(body, Woven)
    total = 0
    async for piece in body.pieces():
        total += len(piece)
    assert total == body.size_bytes
    return total


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [
        (
            "/api/chat",
            b'{"model":"smol","stream":false,"messages":[{"role":"user","images":["',
            b'"]}]}',
        ),
        (
            "/v1/messages",
            b'{"model":"smol","messages":[{"role":"user","content":[{"type":"image","source":'
            b'{"type":"base64","media_type":"image/png","data":"',
            b'"}}]}]}',
        ),
        (
            "/v1/responses",
            b'{"model":"smol","input":[{"role":"user","content":[{"type":"input_image",'
            b'"image_url":"data:image/png;base64,',
            b'"}]}]}',
        ),
        (
            "/api/v1/chat",
            b'{"model":"smol","store":false,"input":[{"type":"image","data_url":"',
            b'"}]}',
        ),
        (
            "/api/v0/chat/completions",
            b'{"model":"smol","messages":[{"role":"user","content":"',
            b'"}]}',
        ),
    ],
)
async def test_a_picture_of_64_megabytes_is_translated_in_16(
    path: str, start: bytes, end: bytes
) -> None:
    world = large_world(kind="openai")
    world.will(answer(whole("a cat")))
    app = world.ollama if path == "/api/chat" else world.openai
    tracemalloc.start()
    try:
        assert await post(app, path, pieces_around(start, end, 64)) == 200
        assert await sent_bytes(world) > 64 * MB
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 16 * MB
    assert world.journeys.visits[0].bytes_in == 64 * MB + len(start) + len(end)


async def test_a_body_that_the_relay_took_in_is_read_where_it_lies() -> None:
    world = large_world(kind="openai")
    world.will(answer(whole("a cat")))
    body = Spooled()
    for piece in pieces_around(
        b'{"model":"smol","messages":[{"role":"user","content":"', b'"}]}', 5
    ):
        await body.append(piece)
    assert await post(world.openai, "/v1/messages", iter(()), **{STATE_SPOOLED: body}) == 200
    assert await sent_bytes(world) > 5 * MB
    with pytest.raises(ValueError, match="closed"):
        await body.append(b"x")


async def test_sound_of_some_megabytes_goes_on_with_another_name_for_the_model() -> None:
    world = large_world()
    world.will(answer({"text": "hello"}))
    head = b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nsmol\r\n--x\r\n'
    assert await post(world.openai, "/v1/audio/transcriptions", pieces_around(head, b"--x--", 6))
    body = world.journeys.sent[-1].body
    assert isinstance(body, Woven)
    assert body.beginning(len(head) + 10) == head.replace(b"smol", b"up-name") + b"iVBORw0"
    assert await sent_bytes(world) == 6 * MB + len(head) + 3 + 5


async def test_a_remembered_conversation_holds_the_picture_itself() -> None:
    world = large_world(kind="openai")
    document = {"role": "user", "content": "iVBORw0K" * MB}
    body = Spooled()
    await body.append(json.dumps(document).encode())
    intake = Intake({"state": {STATE_SPOOLED: body}}, _gone, world.desk.info)
    marked = json.loads(await intake.document())
    assert len(marked["content"]) < 1_000
    assert intake.is_large
    assert await intake.in_full([marked], 9 * MB) == [document]
    assert await intake.in_full([marked], MB) is None
    intake.close()


async def test_what_breaks_off_or_finds_no_room_is_told(tmp_path: Path) -> None:
    world = large_world()
    gone = Intake({}, _gone, world.desk.info)
    with pytest.raises(ClientGone):
        await gone.arrived()
    (tmp_path / "taken").touch()
    info = replace(world.desk.info, spool_folder=tmp_path / "taken" / "spool")
    pieces = pieces_around(b"", b"", 6)

    async def receive() -> Any:
        return {"type": "http.request", "body": next(pieces), "more_body": True}

    full = Intake({}, receive, info)
    with pytest.raises(BadRequest, match="could not be kept on disk") as refused:
        await full.document()
    assert refused.value.status == 507


async def _gone() -> Any:
    return {"type": "http.disconnect"}
