from __future__ import annotations

import asyncio

import pytest
from fakes.wire import FakeTransport

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.transport.connection import Answer, Connection, ConnectionLost


class Line:
    """A connection whose far end the test plays."""

    def __init__(self) -> None:
        self.connection = Connection()
        self.transport = FakeTransport()
        self.connection.connection_made(self.transport)

    async def ask(
        self, *, limit_bytes: int = 1000, head_only: bool = False
    ) -> asyncio.Future[Answer]:
        """Send a request and return the answer to come."""
        asked = asyncio.ensure_future(
            self.connection.exchange(b"GET", limit_bytes=limit_bytes, head_only=head_only)
        )
        await asyncio.sleep(0)
        return asked

    def hear(self, *pieces: bytes) -> None:
        """Let bytes arrive."""
        for piece in pieces:
            self.connection.data_received(piece)


async def answer_to(*pieces: bytes, head_only: bool = False) -> Answer:
    line = Line()
    asked = await line.ask(head_only=head_only)
    line.hear(*pieces)
    return await asked


async def test_an_answer_with_a_length_is_complete_at_its_last_byte() -> None:
    line = Line()
    asked = await line.ask()
    assert line.transport.written == b"GET"
    line.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
    await asyncio.sleep(0)
    assert not asked.done()
    line.hear(b"llo")
    assert await asked == Answer(200, {"content-length": "5"}, b"hello")
    assert line.connection.reusable


async def test_an_answer_may_arrive_one_byte_at_a_time() -> None:
    text = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\nno"
    answer = await answer_to(*(bytes([byte]) for byte in text))
    assert (answer.status, answer.body) == (404, b"no")
    assert answer.headers["x-a"] == "1, 2"


async def test_a_chunked_answer_is_put_together() -> None:
    answer = await answer_to(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"3\r\nabc\r\n",
        b"2\r\nde\r\n0\r\n\r\n",
    )
    assert answer.body == b"abcde"


async def test_an_answer_without_length_ends_with_the_connection() -> None:
    line = Line()
    asked = await line.ask()
    line.hear(b"HTTP/1.0 200 OK\r\n\r\nall of it")
    line.connection.connection_lost(None)
    assert (await asked).body == b"all of it"
    assert not line.connection.reusable


async def test_an_answer_without_body_is_complete_with_its_head() -> None:
    assert (await answer_to(b"HTTP/1.1 204 No Content\r\n\r\n")).status == 204
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    assert (await answer_to(head, head_only=True)).headers == {"content-length": "9"}


async def test_an_informational_answer_is_skipped() -> None:
    answer = await answer_to(
        b"HTTP/1.1 100 Continue\r\nX-Old: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    )
    assert answer == Answer(200, {"content-length": "2"}, b"ok")


async def test_a_connection_serves_several_requests_one_after_the_other() -> None:
    line = Line()
    for number in range(3):
        asked = await line.ask()
        line.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + str(number).encode())
        assert (await asked).body == str(number).encode()
    assert line.connection.served == 3


async def test_the_peer_can_refuse_to_keep_the_connection() -> None:
    line = Line()
    asked = await line.ask()
    line.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await asked
    assert not line.connection.reusable


async def test_hanging_up_before_the_first_byte_is_told_apart() -> None:
    line = Line()
    asked = await line.ask()
    line.connection.connection_lost(ConnectionResetError())
    with pytest.raises(ConnectionLost):
        await asked


async def test_asking_on_a_closed_connection_is_the_same_as_losing_it() -> None:
    line = Line()
    line.connection.close()
    with pytest.raises(ConnectionLost):
        await line.connection.exchange(b"GET", limit_bytes=9, head_only=False)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
    ],
)
async def test_hanging_up_in_the_middle_breaks_the_answer(head: bytes) -> None:
    line = Line()
    asked = await line.ask()
    line.hear(head)
    line.connection.connection_lost(None)
    with pytest.raises(ProtocolBroken, match="middle"):
        await asked


async def test_a_reset_does_not_count_as_the_end_of_an_answer_without_length() -> None:
    line = Line()
    asked = await line.ask()
    line.hear(b"HTTP/1.0 200 OK\r\n\r\npart")
    line.connection.connection_lost(ConnectionResetError())
    with pytest.raises(ProtocolBroken, match="middle"):
        await asked


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], "not HTTP"),
        ([b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], "protocol"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"], "larger than 1000 bytes"),
        ([b"HTTP/1.0 200 OK\r\n\r\n", b"x" * 600, b"x" * 600], "larger than 1000 bytes"),
        ([b"HTTP/1.1 200 OK\r\n", *[b"x-pad: " + b"y" * 900 + b"\r\n"] * 80], "headers are larger"),
    ],
)
async def test_an_answer_that_cannot_be_taken_is_refused_and_hung_up_on(
    pieces: list[bytes], reason: str
) -> None:
    line = Line()
    asked = await line.ask()
    line.hear(*pieces)
    with pytest.raises(ProtocolBroken, match=reason):
        await asked
    assert line.transport.closed


async def test_bytes_that_nobody_asked_for_end_an_idle_connection() -> None:
    line = Line()
    asked = await line.ask()
    line.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await asked
    line.hear(b"HTTP/1.1 200 OK\r\n")
    assert not line.connection.reusable
    assert line.transport.closed


async def test_a_second_answer_in_the_same_breath_makes_the_connection_useless() -> None:
    line = Line()
    asked = await line.ask()
    line.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n")
    assert (await asked).body == b"ok"
    assert not line.connection.reusable


@pytest.mark.parametrize(
    "flood", [b"X-A: 1\r\n" * 1000, b"x" * 8000], ids=["many trailers", "one that never ends"]
)
async def test_what_follows_the_body_is_bounded(flood: bytes) -> None:
    line = Line()
    asked = await line.ask()
    line.hear(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-B: ")
    line.hear(*[flood] * 20)
    assert line.transport.closed
    with pytest.raises(ProtocolBroken, match="larger than"):
        await asked


async def test_a_body_in_very_small_chunks_is_taken() -> None:
    line = Line()
    asked = await line.ask(limit_bytes=200_000)
    line.hear(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    line.hear(*[b"1\r\nx\r\n" * 10_000] * 20, b"0\r\n\r\n")
    assert (await asked).body == b"x" * 200_000
