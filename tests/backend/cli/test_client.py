"""Finding and asking the running sidecar."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def arguments(*words: str) -> argparse.Namespace:
    """What a user typed."""
    parser = argparse.ArgumentParser()
    client.add_arguments(parser)
    return parser.parse_args(words)


def announce(folder: Path, content: str) -> str:
    """Leave a note as a running sidecar does; returns the folder."""
    (folder / "run").mkdir()
    (folder / "run" / "sidecar.json").write_text(content)
    return str(folder)


def test_the_address_is_the_one_that_was_given() -> None:
    assert client.sidecar_url(arguments("--url", "http://localhost:9/")) == "http://localhost:9"


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:9000"), ("::1", "http://[::1]:9000")]
)
def test_the_address_is_the_one_the_sidecar_announced(tmp_path: Path, host: str, url: str) -> None:
    folder = announce(tmp_path, json.dumps({"pid": 1, "host": host, "port": 9000}))
    assert client.sidecar_url(arguments("--data-dir", folder)) == url


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": "x"}', '{"host": "x", "port": "y"}'])
def test_a_damaged_note_counts_as_none(tmp_path: Path, content: str) -> None:
    folder = announce(tmp_path, content)
    assert client.sidecar_url(arguments("--data-dir", folder)) == client.DEFAULT_URL


def test_without_a_note_the_usual_address_is_tried(tmp_path: Path) -> None:
    found = client.sidecar_url(arguments("--data-dir", str(tmp_path)))
    assert found == "http://127.0.0.1:8585"


@pytest.mark.parametrize("url", ["localhost:8585", "https://localhost", "http://", "ftp://x"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(client.ClientError) as refused:
        client.sidecar_url(arguments("--url", url))
    assert refused.value.exit_code is Exit.USAGE


@pytest.fixture
async def stranger() -> AsyncIterator[str]:
    """Somebody else's server; answers everything with a page."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n")
        body = {b"/json": b"[1]", b"/error": b'{"oops": 1}'}.get(request.split()[1], b"<html>")
        status = b"500 No" if b"/error" in request else b"200 OK"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("path", ["/", "/error"])
async def test_a_stranger_at_the_address_is_recognised(stranger: str, path: str) -> None:
    with pytest.raises(client.ClientError, match="is not LlamaRunner Pro") as refused:
        await asyncio.to_thread(client.Client(stranger).get, path)
    assert refused.value.exit_code is Exit.BAD_DATA


async def test_json_of_another_shape_ends_with_words_and_not_with_a_traceback(
    stranger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(sidecar: client.Client) -> int:
        return int(sidecar.get("/json")["data"])

    code = await asyncio.to_thread(client.asked, arguments("--url", stranger), ask)
    assert code == Exit.BAD_DATA
    assert "is not LlamaRunner Pro" in capsys.readouterr().err


async def test_a_sidecar_that_does_not_answer_in_time_is_unavailable() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(client.ClientError, match="did not answer within 0 s") as refused:
            await asyncio.to_thread(client.Client(url).post, "/", {}, 0.05)
    assert refused.value.exit_code is Exit.UNAVAILABLE


def test_a_refusal_is_told_in_the_sidecars_own_words() -> None:
    problem = {"detail": "demo is stopping", "hint": "wait a moment"}
    for answer in (problem, {"status": "error", "data": problem}):
        refused = client.refused(409, answer, "http://x")
        assert refused.message == "demo is stopping. Wait a moment"
        assert refused.exit_code is Exit.UNHEALTHY
    assert client.refused(404, problem, "http://x").exit_code is Exit.NO_INPUT
