"""Doors without sockets: models from a list, servers that answer what a test says."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakes.clock import FakeClock
from fakes.surface_table import FakeNames, FakeTable, OpenAccess

from llama_runner_pro.core.errors import GatewayError
from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.gateway.dispatch import STATE_GONE, STATE_VISITOR, Dispatch, Gone
from llama_runner_pro.gateway.ports import Ask, Upstream, Visitor
from llama_runner_pro.gateway.refusals import Refusals
from llama_runner_pro.gateway.surfaces.desk import Desk
from llama_runner_pro.gateway.surfaces.doors import GatewayInfo, ollama_door, openai_door
from llama_runner_pro.transport.origin import Origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from starlette.types import ASGIApp

    from llama_runner_pro.endpoints.traffic import RequestRecord
    from llama_runner_pro.gateway.dispatch import Visit
    from llama_runner_pro.gateway.ports import Progress

SMOL = ModelView(
    name="smol",
    endpoint="local",
    kind="llamacpp",
    state="loaded",
    aliases=("little",),
    size_bytes=100,
    context_length=4096,
    context_length_max=8192,
    architecture="llama",
    quantization="Q4_K_M",
    capabilities=("completion", "tools"),
    modified_ms=1_767_268_800_000,
)
SSE_HEADERS = {"content-type": "text/event-stream"}


@dataclass
class FakeReply:
    """Satisfies what surfaces use of `gateway.journey.Reply`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    pieces: Sequence[bytes] = ()
    error: GatewayError | None = None
    """Raised after the last piece."""
    queue_ms: float = 0.0
    load_ms: float = 0.0
    upstream: Upstream | None = None
    closed: bool = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.error is not None:
            raise self.error

    async def read(self, limit_bytes: int = 64_000_000) -> bytes:
        return b"".join([piece async for piece in self])

    async def aclose(self) -> None:
        self.closed = True


def answer(body: Any, status: int = 200) -> FakeReply:
    """A whole answer in JSON."""
    return FakeReply(status, pieces=[json.dumps(body).encode()])


def stream(*chunks: Any, error: GatewayError | None = None, done: bool = True) -> FakeReply:
    """A stream of events."""
    payloads = [json.dumps(one).encode() for one in chunks] + ([b"[DONE]"] if done else [])
    return FakeReply(200, SSE_HEADERS, [b"data: " + one + b"\n\n" for one in payloads], error)


def said(text: str, finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    """A chunk with text."""
    content = {"content": text} if text else {}
    choice = {"index": 0, "delta": {**content, **delta}, "finish_reason": finish_reason}
    return {"id": "chatcmpl-1", "choices": [choice]}


def whole(text: str, **message: Any) -> dict[str, Any]:
    """A whole chat completion."""
    told = {"role": "assistant", "content": text, **message}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    choice = {"index": 0, "message": told, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage}


class FakeJourneys:
    """Satisfies what surfaces use of `gateway.journey.Journeys`."""

    def __init__(self) -> None:
        self.replies: deque[FakeReply | GatewayError] = deque()
        self.asks: list[Ask] = []
        self.visits: list[Visit] = []
        self.sent: list[Dispatch] = []
        self.kind = "llamacpp"
        self.model = "up-name"
        self.progress: list[Progress] = []
        self.spawned: list[Coroutine[Any, Any, None]] = []
        self.listed: list[RequestRecord] = []
        self.refusals = Refusals(self, FakeClock())

    def requested(self, record: RequestRecord) -> None:
        self.listed.append(record)

    async def travel(
        self, ask: Ask, dispatch: Callable[[Upstream], Dispatch], visit: Visit
    ) -> FakeReply:
        self.asks.append(ask)
        self.visits.append(visit)
        upstream = Upstream(
            endpoint="local",
            kind=self.kind,
            origin=Origin("http", "127.0.0.1", 1),
            base_path="",
            model=self.model,
        )
        for progress in self.progress:
            if ask.progress is not None:
                ask.progress(progress)
        reply = self.replies.popleft()
        if isinstance(reply, GatewayError):
            raise reply
        self.sent.append(dispatch(upstream))
        reply.upstream = upstream
        return reply

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.spawned.append(work)

    @property
    def body(self) -> Any:
        """The last body that was sent to a server."""
        sent = self.sent[-1].body
        assert isinstance(sent, bytes)
        return json.loads(sent)


@dataclass
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    pieces: list[bytes]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        """NDJSON as strict clients read it."""
        assert self.body.endswith(b"\n")
        return [json.loads(line) for line in self.body[:-1].split(b"\n")]

    @property
    def events(self) -> list[tuple[str | None, Any]]:
        """Server-sent events: name and data."""
        found: list[tuple[str | None, Any]] = []
        for block in self.body.decode().removesuffix("\n\n").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            data = fields["data"]
            found.append((fields.get("event"), data if data == "[DONE]" else json.loads(data)))
        return found


class SurfaceWorld:
    """Both doors before the same models and servers."""

    def __init__(self, *views: ModelView, names: FakeNames | None = None) -> None:
        self.clock = FakeClock(wall_ms=1_767_268_800_000)
        self.journeys = FakeJourneys()
        self.table = FakeTable(list(views) or [SMOL])
        self.names = names
        self.gone = Gone()
        self.visitor = Visitor()
        self.body_limit_bytes = 10_000
        self.loading_text = False
        info = GatewayInfo(
            version="9.9",
            clock=self.clock,
            body_limit_bytes=lambda: self.body_limit_bytes,
            loading_text=lambda: self.loading_text,
            names=names,
        )
        access = OpenAccess()
        parts = {"journeys": self.journeys, "table": self.table, "access": access, "info": info}
        self.desk = Desk(**parts)
        self.openai: ASGIApp = openai_door(**parts)
        self.ollama: ASGIApp = ollama_door(**parts)

    def will(self, *replies: FakeReply | GatewayError) -> None:
        """What the servers answer next."""
        self.journeys.replies.extend(replies)

    async def ask(
        self,
        app: ASGIApp,
        path: str,
        body: Any = None,
        *,
        method: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        """One request: POST when it has a body, else GET."""
        content = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        plain, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method or ("GET" if body is None else "POST"),
            "path": plain,
            "raw_path": plain.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
            "state": {STATE_GONE: self.gone, STATE_VISITOR: self.visitor},
        }
        arriving = deque([{"type": "http.request", "body": content, "more_body": False}])
        sent = self.sent = list[dict[str, Any]]()

        async def receive() -> Any:
            return arriving.popleft() if arriving else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        if not sent:
            return Answered(0, {}, b"", [])
        told = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        pieces = [one.get("body", b"") for one in sent[1:]]
        return Answered(sent[0]["status"], told, b"".join(pieces), pieces)

    async def at_ollama(self, path: str, body: Any = None, **more: Any) -> Answered:
        """On port 11434."""
        return await self.ask(self.ollama, path, body, **more)

    async def at_openai(self, path: str, body: Any = None, **more: Any) -> Answered:
        """On port 1234."""
        return await self.ask(self.openai, path, body, **more)
