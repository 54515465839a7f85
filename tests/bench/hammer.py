"""A load generator: so many connections, each asking again as soon as it was answered."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import cast

import httptools


@dataclass(frozen=True)
class Pause:
    """What a connection does between an answer and its next request."""

    seconds: float = 0.0
    in_step: bool = False
    """All pause equally long. uvloop's timers know milliseconds, so that connections which were
    answered in the same one ask in the same moment for ever after: soon all of them do.
    """


NO_PAUSE = Pause()


@dataclass
class Load:
    """What was measured."""

    took_s: float = 0.0
    failed: int = 0
    latencies_s: list[float] = field(default_factory=list)
    """From the request to the end of its answer, sorted."""
    first_s: list[float] = field(default_factory=list)
    """From the request to the first byte of its answer's body, sorted."""

    @property
    def per_s(self) -> float:
        return len(self.latencies_s) / self.took_s

    def percentile_us(self, share: float) -> float:
        if not self.latencies_s:
            return float("nan")
        return self.latencies_s[int(share * (len(self.latencies_s) - 1))] * 1e6


class _Client(asyncio.Protocol):
    def __init__(
        self, request: bytes, load: Load, pause: Pause, dice: random.Random, until_s: float
    ) -> None:
        self.request, self.load, self.until_s = request, load, until_s
        self.pause, self.dice = pause, dice
        self.parser = httptools.HttpResponseParser(self)
        self.loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self.loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.send()

    def ask(self) -> None:
        if time.perf_counter() < self.until_s:
            self.send()
        else:
            self.transport.close()

    def send(self) -> None:
        self.began_s, self.first = time.perf_counter(), False
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, _body: bytes) -> None:
        if not self.first:
            self.first = True
            self.load.first_s.append(time.perf_counter() - self.began_s)

    def on_message_complete(self) -> None:
        if self.parser.get_status_code() == 200:
            self.load.latencies_s.append(time.perf_counter() - self.began_s)
        else:
            self.load.failed += 1
        if self.pause.seconds:
            share = 1.0 if self.pause.in_step else self.dice.uniform(0.5, 1.5)
            self.loop.call_later(self.pause.seconds * share, self.ask)
        else:
            self.ask()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def request_of(body: bytes, path: str = "/v1/chat/completions") -> bytes:
    """A request that keeps its connection."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def hammer(
    port: int, request: bytes, *, connections: int, seconds: float, pause: Pause = NO_PAUSE
) -> Load:
    """Ask for `seconds`, at least once. Each connection pauses after an answer."""
    loop, load, dice = asyncio.get_running_loop(), Load(), random.Random(connections)
    began_s = time.perf_counter()
    clients = []
    for _ in range(connections):
        _, client = await loop.create_connection(
            lambda: _Client(request, load, pause, dice, began_s + seconds), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.wait_for(asyncio.gather(*(one.ended for one in clients)), seconds + 60)
    load.took_s = time.perf_counter() - began_s
    load.latencies_s.sort()
    load.first_s.sort()
    return load
