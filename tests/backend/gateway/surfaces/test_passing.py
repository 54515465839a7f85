"""What passes through without the relay."""

from __future__ import annotations

import pytest
from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, answer
from msgspec.structs import replace

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nsmol\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
    b"Content-Type: audio/wav\r\n\r\n\x00\xff\r\n--x--\r\n"
)


async def test_a_recording_passes_with_the_servers_own_name_of_the_model() -> None:
    world = SurfaceWorld()
    world.will(answer({"text": "hello"}))
    headers = {"content-type": "multipart/form-data; boundary=x"}
    got = await world.at_openai("/v1/audio/transcriptions", FORM, headers=headers)
    assert got.json == {"text": "hello"}
    sent = world.journeys.sent[0]
    assert sent.body == FORM.replace(b"smol", b"up-name")
    assert sent.lines == b"content-type: multipart/form-data; boundary=x\r\n"
    assert world.journeys.asks[0].operation == "audio"


async def test_a_form_without_a_model_is_refused() -> None:
    got = await SurfaceWorld().at_openai("/v1/audio/transcriptions", b"--x--")
    assert (got.status, got.json["error"]["param"]) == (400, "model")


async def test_sound_comes_back_as_sound() -> None:
    world = SurfaceWorld()
    world.will(FakeReply(200, {"content-type": "audio/mpeg"}, [b"\x00", b"\x01"]))
    got = await world.at_openai("/v1/audio/speech", {"model": "smol", "input": "x"})
    assert (got.headers["content-type"], got.body) == ("audio/mpeg", b"\x00\x01")


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/audio/transcriptions", FORM), ("/v1/audio/speech", {"model": "smol", "input": "x"})],
)
async def test_a_server_without_sound_is_said_to_have_none(path: str, body: object) -> None:
    world = SurfaceWorld()
    world.will(FakeReply(404, pieces=[b'{"error":{"message":"File Not Found"}}']))
    got = await world.at_openai(path, body)
    assert (got.status, got.headers["x-should-retry"]) == (501, "false")
    assert got.json["error"] == {
        "message": f"the server of the model 'smol' does not serve {path} "
        "(it says: File Not Found)",
        "type": "server_error",
        "param": None,
        "code": "not_implemented",
    }


@pytest.mark.parametrize(("kind", "status"), [("vllm", 200), ("ollama", 501)])
async def test_ranking_is_for_those_who_can(kind: str, status: int) -> None:
    world = SurfaceWorld(replace(SMOL, kind=kind))
    world.will(answer({"results": []}))
    got = await world.at_openai("/v1/rerank", {"model": "smol", "query": "x", "documents": []})
    assert got.status == status
