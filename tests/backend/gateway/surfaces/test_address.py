"""One address: methods, streams, errors before and after the first byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.surface_world import Answered, SurfaceWorld
from starlette.applications import Starlette

from llama_runner_pro.core.errors import BadRequest, ClientGone, UpstreamBroken
from llama_runner_pro.gateway.surfaces.address import addresses
from llama_runner_pro.gateway.surfaces.answers import NDJSON, SSE, Streamed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from llama_runner_pro.endpoints.traffic import Surface
    from llama_runner_pro.gateway.surfaces.call import Call


async def pieces(*told: bytes | Exception) -> AsyncGenerator[bytes, None]:
    """A stream that may break."""
    for one in told:
        if isinstance(one, Exception):
            raise one
        yield one


async def got(
    *told: bytes | Exception, media_type: str = SSE, surface: Surface = "openai"
) -> Answered:
    """What a client gets of such a stream."""
    world = SurfaceWorld()

    async def handler(call: Call) -> Streamed:
        return Streamed(media_type, pieces(*told))

    routes = addresses(world.desk, surface, {"/x": {"GET": handler}})
    return await world.ask(Starlette(routes=routes), "/x")


async def test_a_stream_passes_piece_by_piece() -> None:
    answer = await got(b"data: 1\n\n", b"data: 2\n\n")
    assert answer.pieces == [b"data: 1\n\n", b"data: 2\n\n", b""]
    assert answer.headers == {"content-type": SSE, "cache-control": "no-cache"}


async def test_an_error_before_the_first_byte_has_its_own_status() -> None:
    answer = await got(BadRequest("no", status=422))
    assert (answer.status, answer.json["error"]["message"]) == (422, "no")


async def test_an_error_later_is_an_event_that_starts_on_its_own() -> None:
    answer = await got(b"data: 1\n\ndata: 2", UpstreamBroken("gone"))
    assert answer.status == 200
    assert answer.body.startswith(b'data: 1\n\ndata: 2\n\ndata: {"error":')
    answer = await got(b"{}\n", UpstreamBroken("gone"), media_type=NDJSON, surface="ollama")
    assert answer.body == b'{}\n{"error":"gone"}\n'


async def test_an_empty_stream_is_an_empty_answer() -> None:
    answer = await got(media_type="audio/mpeg")
    assert (answer.status, answer.headers, answer.body) == (
        200,
        {"content-type": "audio/mpeg"},
        b"",
    )


async def test_nobody_answers_a_client_that_has_gone() -> None:
    assert (await got(ClientGone())).status == 0
    answer = await got(b"data: 1\n\n", ClientGone())
    assert answer.pieces == [b"data: 1\n\n"]


async def test_a_wrong_method_is_told_the_right_ones() -> None:
    async def handler(call: Call) -> Streamed:
        return Streamed(SSE, pieces())

    world = SurfaceWorld()
    routes = addresses(world.desk, "ollama", {"/x": {"GET": handler, "DELETE": handler}})
    answer = await world.ask(Starlette(routes=routes), "/x", method="PUT")
    assert answer.status == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    assert answer.json == {"error": "PUT is not allowed on /x"}
