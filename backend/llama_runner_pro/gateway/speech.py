"""Whole answers in another API than their server's, for the door to give without a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.core.errors import GatewayError, UpstreamBroken
from llama_runner_pro.endpoints.traffic import OWN_SERVER_HEADER
from llama_runner_pro.gateway.dialects import Refusal, fault_of_answer
from llama_runner_pro.gateway.endings import retry_after_s
from llama_runner_pro.gateway.headers import answer_start
from llama_runner_pro.gateway.upstream_connection import Head

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.gateway.ports import Progress, Upstream
    from llama_runner_pro.gateway.road import Consumer
    from llama_runner_pro.gateway.routes import Route

LONGEST_ANSWER_BYTES = 64_000_000
REQUEST_LINES = b"content-type: application/json\r\n"
_LINES = REQUEST_LINES + f"server: {OWN_SERVER_HEADER}\r\n".encode()
START = answer_start(200, _LINES)
"""The head of every translated answer, as far as the digits of its length."""


class Speech(Protocol):
    """One request that wants a whole answer, in words that its server does not know."""

    @property
    def keep_alive_s(self) -> float | None:
        """As in `ports.Ask`."""
        ...

    def request(self, upstream: Upstream) -> bytes:
        """The body for that server. Raises `BadRequest` for what cannot be said to it."""
        ...

    def whole(self, payload: bytes) -> bytes:
        """What its answer becomes, JSON. Raises `UpstreamBroken` for what is none."""
        ...


class Interpreter(Protocol):
    """Understands the requests of one address."""

    @property
    def route(self) -> Route:
        """How they are listed, and where they go in the server's API."""
        ...

    def speech(self, body: bytes) -> Speech | None:
        """None for what its surface has to answer: streams, errors, and whatever is rare."""
        ...


class Interpreted:
    """Stands between a trip and its consumer, who gets a whole answer in other words."""

    def __init__(self, consumer: Consumer, speech: Speech) -> None:
        self._consumer, self._speech = consumer, speech
        self._status = 0
        self._retry_after_s: float | None = None
        self._said = bytearray()
        self.stop: Callable[[], None] = lambda: None
        """Makes the server stop."""

    def arrived(self, head: Head | None, body: bytes, done: bool, /) -> None:
        """Called by the trip."""
        if head is not None:
            self._status, self._retry_after_s = head.status, retry_after_s(head.headers)
        self._said += body
        try:
            if len(self._said) > LONGEST_ANSWER_BYTES:
                raise UpstreamBroken(f"the answer is larger than {LONGEST_ANSWER_BYTES} bytes")
            if done:
                text = self._translated()
                head = Head(200, [], len(text), b"application/json", _LINES)
                self._consumer.arrived(head, text, True)
        except GatewayError as error:
            if not done:
                self.stop()
            self._consumer.failed(error)

    def failed(self, error: GatewayError, /) -> None:
        """Called by the trip."""
        self._consumer.failed(error)

    def progressed(self, _progress: Progress, /) -> None:
        """Nothing is told before an answer that comes whole."""

    def _translated(self) -> bytes:
        said = bytes(self._said)
        if self._status >= 400:
            raise Refusal(fault_of_answer(self._status, said, self._retry_after_s))
        return self._speech.whole(said)
