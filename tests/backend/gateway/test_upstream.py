from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.raw_upstream import raw_upstream
from fakes.relay_world import until, upstream_at
from fakes.running_sidecar import free_port
from msgspec.structs import replace

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded
from llama_runner_pro.gateway.patience import Patience
from llama_runner_pro.gateway.upstream import IDLE_S, Upstreams
from llama_runner_pro.transport.origin import Origin

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

    from llama_runner_pro.gateway.upstream_connection import Breakdown, Head


class Listening:
    """Remembers an answer."""

    def __init__(self) -> None:
        self.body = b""
        self.done = False

    def heard(self, head: Head | None, body: bytes, done: bool) -> None:
        self.body += body
        self.done = done

    def broke(self, breakdown: Breakdown) -> None:
        raise AssertionError(breakdown)


async def answering(exchange: Exchange) -> None:
    await exchange.json(b"{}")


async def test_a_connection_is_kept_for_a_while_and_then_closed() -> None:
    async with raw_upstream(answering) as server:
        upstreams, origin = Upstreams(SystemClock()), Origin("http", "127.0.0.1", server.port)
        patience = Patience(SystemClock())
        upstreams.looked_at_by(patience)
        connection = await upstreams.dial(origin, 5)
        listener = Listening()
        connection.send(listener, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await until(lambda: listener.done)
        upstreams.give_back(origin, connection, 100.0)
        upstreams.look(100.0 + IDLE_S - 1)
        assert patience.watched() == (upstreams,)
        assert upstreams.take_idle(origin) is connection
        upstreams.give_back(origin, connection, 200.0)
        upstreams.look(200.0 + IDLE_S + 1)
        assert upstreams.take_idle(origin) is None
        assert patience.watched() == ()
        await server.gone.wait()
        upstreams.close()


async def test_nobody_there_is_told_apart_from_no_answer_in_time() -> None:
    upstreams = Upstreams(SystemClock())
    with pytest.raises(ConnectRefused, match="nothing answers at"):
        await upstreams.dial(Origin("http", "127.0.0.1", free_port()), 5)
    with pytest.raises((DeadlineExceeded, ConnectRefused)):
        await upstreams.dial(Origin("http", "192.0.2.1", 9), 0.05)


def test_the_common_lines_follow_the_configuration() -> None:
    upstreams, upstream = Upstreams(FakeClock()), upstream_at(1)
    assert upstreams.common_lines(upstream) is upstreams.common_lines(upstream)
    with_key = replace(upstream, headers={"Authorization": "Bearer secret"})
    assert b"authorization: Bearer secret" in upstreams.common_lines(with_key)
    assert b"authorization" not in upstreams.common_lines(upstream)
