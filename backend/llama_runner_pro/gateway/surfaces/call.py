"""One request at a surface, and what its handler may do."""

from __future__ import annotations

import asyncio
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.requests import Request

from llama_runner_pro.core.errors import (
    BadRequest,
    ClientGone,
    Denied,
    GatewayError,
    ModelNotFound,
)
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.dialects import Refusal, fault_of_answer
from llama_runner_pro.gateway.dispatch import Dispatch, Visit, gone_of, visitor_of
from llama_runner_pro.gateway.envelope import read_envelope
from llama_runner_pro.gateway.headers import find
from llama_runner_pro.gateway.key_limits import opens
from llama_runner_pro.gateway.ports import Ask, Visitor
from llama_runner_pro.gateway.refusals import operation_of
from llama_runner_pro.gateway.routes import SEASONED
from llama_runner_pro.gateway.surfaces.intake import Intake
from llama_runner_pro.gateway.translate.derived import seasoned
from llama_runner_pro.gateway.translate.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope

    from llama_runner_pro.endpoints.traffic import ModelView, Operation, Surface
    from llama_runner_pro.gateway.journey import Reply
    from llama_runner_pro.gateway.ports import Meant, Progress, Upstream
    from llama_runner_pro.gateway.surfaces.desk import Desk

T = TypeVar("T")
JSON_LINES = b"content-type: application/json\r\n"
_QUESTIONS = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSAL_LIMIT_BYTES = 1_000_000


class Call:
    """What a client wants, who it is, and the way to the model servers."""

    def __init__(self, desk: Desk, surface: Surface, scope: Scope, receive: Receive) -> None:
        self.desk = desk
        self.surface = surface
        self._scope, self._receive = scope, receive
        # Starlette parses a whole URL to tell these two.
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.gone = gone_of(scope)
        self.visitor = visitor_of(scope) or Visitor()
        self.meter = Meter(desk.info.clock)
        self.has_begun = False
        """Its answer; the status can no longer be changed."""
        self._body: bytes | None = None
        self.intake = Intake(scope, receive, desk.info)
        self._named: str | None = None
        self._travelled = False

    @cached_property
    def request(self) -> Request:
        """For what only few requests need: making it takes as long as reading most bodies."""
        return Request(self._scope, self._receive)

    @property
    def user_agent(self) -> str:
        """As the client sent it."""
        return (find(self._scope["headers"], b"user-agent") or b"").decode("latin-1")

    def param(self, name: str) -> str:
        """A part of the path."""
        value: str = self.request.path_params[name]
        return value

    async def body(self) -> bytes:
        """The JSON document. Of a large one, long texts stay on disk: marks stand for them, and
        `travel` puts them back.

        Raises `BadRequest` (413) beyond the limit, `ClientGone`.
        """
        if self._body is None:
            self._body = self._seasoned(await self.intake.document())
        return self._body

    def _seasoned(self, body: bytes) -> bytes:
        """With what a derived model brings along, so that no address needs to know of it."""
        if operation_of(self.path) not in SEASONED:
            return body
        try:
            name = read_envelope(body).model or ""
        except BadRequest:
            return body  # its surface says what is wrong, in its own words
        recipe, view = self.desk.table.recipe(name), self.desk.table.meant(name)
        if recipe is None or view is None:
            return body
        made = seasoned(self.path, json_object(body), recipe, view.kind)
        return msgspec.json.encode(made)

    def models(self) -> list[ModelView]:
        """Those that the client may use."""
        return [one for one in self.desk.table.models() if opens(self.visitor.models, one)]

    def meant(self, name: str) -> Meant:
        """The model of that name.

        Raises `BadRequest` without a name, `ModelNotFound`, `Denied`.
        """
        if not name:
            raise BadRequest("model is required", "model", code="model_missing")
        self._named = name
        found = self.desk.table.meant(name)
        if found is None:
            raise ModelNotFound(name, [one.name for one in self.models()])
        if not opens(self.visitor.models, found):
            raise Denied(403, "model_not_allowed", f"this key may not use the model {found.name!r}")
        return found

    def find(self, name: str) -> ModelView:
        """All that is known of it. Raises what `meant` raises."""
        self.meant(name)
        view = self.desk.table.find(name)
        if view is None:
            raise ModelNotFound(name, [])
        return view

    def ask(
        self,
        model: str,
        operation: Operation,
        *,
        stream: bool = False,
        keep_alive_s: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        endpoint: str | None = None,
    ) -> Ask:
        """What the admission needs to know. The body, if it has been read, tells the affinity."""
        affinity = None
        if self._body and operation == "chat":
            affinity = read_envelope(self._body).affinity()
        return Ask(
            model=model,
            surface=self.surface,
            operation=operation,
            stream=stream,
            affinity=affinity,
            priority=self.visitor.priority,
            key=self.visitor.key,
            keep_alive_s=keep_alive_s,
            progress=progress,
            endpoint=endpoint,
        )

    async def travel(self, ask: Ask, dispatch: Callable[[Upstream], Dispatch]) -> Reply:
        """Send it. The reply may have any status; raises what `Journeys.travel` raises."""
        self._travelled = True
        visit = self._visit(ask.operation, stream=ask.stream)
        reply = await self.desk.journeys.travel(ask, self.intake.in_dispatch(dispatch), visit)
        self.meter.ready(reply.queue_ms + reply.load_ms)
        return reply

    def refused(self, error: GatewayError) -> None:
        """It is answered with an error. What has travelled was listed already, and questions
        about what there is are not listed at all.
        """
        if not self._travelled and self.method not in _QUESTIONS:
            visit = self._visit(operation_of(self.path))
            self.desk.journeys.refusals.note(visit, self._named, error)

    def _visit(self, operation: Operation, *, stream: bool = False) -> Visit:
        return Visit(
            surface=self.surface,
            operation=operation,
            path=self.path,
            client=self.user_agent[:200] or None,
            key=self.visitor.key,
            stream=stream,
            bytes_in=self.intake.size_bytes,
            gone=self.gone,
        )

    async def unless_gone(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of `work`, which is cancelled when the client goes away (`ClientGone`)."""
        if self.gone.is_set():
            raise ClientGone
        failure: GatewayError | None = None

        async def watched() -> T | None:
            nonlocal failure
            try:
                return await work()
            except GatewayError as error:
                failure = error
                return None

        async with asyncio.TaskGroup() as group:
            task = group.create_task(watched())
            self.gone.on_set = task.cancel  # type: ignore[assignment]
        self.gone.on_set = None
        if task.cancelled():
            raise ClientGone
        if failure is not None:
            raise failure
        return task.result()  # type: ignore[return-value]


def refuse_lacking(
    view: Meant, asked_as: str, *, tools: bool = False, thinking: bool = False
) -> None:
    """Raises `BadRequest`, in Ollama's words, for what was asked for and its model certainly cannot
    do: its server would leave it out without a word.
    """
    for word, wanted, param in (("tools", tools, "tools"), ("thinking", thinking, "reasoning")):
        if wanted and word in view.lacks:
            raise BadRequest(f'"{asked_as}" does not support {word}', param, code="not_supported")


async def accepted(reply: Reply) -> Reply:
    """The reply, if the server did what was asked. Raises `Refusal` with its words otherwise."""
    if reply.status < 400:
        return reply
    body = await reply.read(REFUSAL_LIMIT_BYTES)
    raise Refusal(fault_of_answer(reply.status, body, _seconds(reply.headers.get("retry-after"))))


def post_json(path: str, body: dict[str, Any]) -> Dispatch:
    """A request with a JSON body."""
    return Dispatch("POST", path, JSON_LINES, msgspec.json.encode(body))


def json_object(body: bytes) -> dict[str, Any]:
    """The object in a request's body. Raises `BadRequest`."""
    try:
        found = msgspec.json.decode(body)
    except UNREADABLE as error:
        raise BadRequest(f"the body is not JSON ({error})", code="invalid_json") from error
    if not isinstance(found, dict):
        raise BadRequest("the body is not a JSON object", code="invalid_json")
    return found


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text) if text else math.nan
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
