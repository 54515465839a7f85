"""One line of the route table, and how a request becomes a call of its handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from llama_runner_pro.api.body import BODY_LIMIT_BYTES, parse_body, parse_query, read_body
from llama_runner_pro.api.problems import ApiProblem, problem_of, problem_response, wrong_method
from llama_runner_pro.api.schemas import NoBody, NoQuery
from llama_runner_pro.core.errors import LlamaRunnerError
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from starlette.datastructures import QueryParams
    from starlette.types import Receive, Scope, Send

    from llama_runner_pro.api.deps import ApiDeps

S = TypeVar("S", bound=msgspec.Struct)


class Call(ValueObject, frozen=True):
    """One request, already checked: what a handler works on."""

    deps: ApiDeps
    started_s: float
    """Monotonic time at which the API was created."""
    path: Mapping[str, str]
    query: msgspec.Struct
    body: msgspec.Struct
    has_token: bool = False
    """The caller has shown the access token."""

    def body_as(self, shape: type[S]) -> S:
        """The body, as the route declares it."""
        return _as(self.body, shape)

    def query_as(self, shape: type[S]) -> S:
        """The query, as the route declares it."""
        return _as(self.query, shape)


def _as(value: msgspec.Struct, shape: type[S]) -> S:
    if not isinstance(value, shape):
        raise TypeError(f"the route declares {type(value).__name__}, not {shape.__name__}")
    return value


class Reply(ValueObject, frozen=True):
    """What a handler answers: a value of the route's declared shape."""

    body: object
    status: int = 200


class Attachment(ValueObject, frozen=True):
    """A file to be saved, as the body of a reply; the route declares its media type."""

    name: str
    """Letters, digits, dots and dashes only."""
    content: bytes


class Download(ValueObject, frozen=True):
    """A file to be saved that is written while it is sent."""

    name: str
    """Letters, digits, dots and dashes only."""
    media_type: str
    chunks: AsyncIterator[bytes]


class ApiRoute(ValueObject, frozen=True, kw_only=True):
    """A method on an address, with every shape that goes in and out."""

    method: str
    path: str
    """In Starlette's words; `{name:path}` takes names with slashes."""
    handler: Callable[[Call], Awaitable[Reply]]
    answer: Any
    summary: str
    body: type[msgspec.Struct] = NoBody
    query: type[msgspec.Struct] = NoQuery
    statuses: tuple[int, ...] = (200,)
    errors: tuple[int, ...] = field(default=())
    """Besides those that every address can answer."""
    media_type: str = "application/json"
    """Another one for routes that answer with an `Attachment`; their `answer` is `bytes`."""

    needs_token: bool = False
    """It can change what gets executed."""
    body_limit_bytes: int = BODY_LIMIT_BYTES

    @property
    def changes(self) -> bool:
        """It may have a body."""
        return self.method != "GET"


class AddressApp:
    """ASGI application for one address: picks the method, reads, calls, answers."""

    def __init__(self, routes: Sequence[ApiRoute], deps: ApiDeps, started_s: float) -> None:
        self._by_method = {route.method: route for route in routes}
        self._deps = deps
        self._started_s = started_s
        self._allowed = [route.method for route in routes]
        if "GET" in self._by_method:
            self._by_method["HEAD"] = self._by_method["GET"]
            self._allowed.append("HEAD")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; errors of ours become problems here and nowhere else."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ApiProblem as problem:
            response = problem_response(scope["path"], problem, self._deps.clock)
        except LlamaRunnerError as error:
            response = problem_response(scope["path"], problem_of(error), self._deps.clock)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        route = self._by_method.get(request.method)
        if route is None:
            raise wrong_method(request.method, request.url.path, self._allowed)
        gate = self._deps.gate
        if route.needs_token:
            gate.require(request.headers)
        query = parse_query(joined(request.query_params), route.query)
        body: msgspec.Struct = NoBody()
        if route.changes:
            body = parse_body(await read_body(request, route.body_limit_bytes), route.body)
        has_token = gate.admits(request.headers)
        call = Call(self._deps, self._started_s, request.path_params, query, body, has_token)
        reply = await route.handler(call)
        if isinstance(reply.body, Attachment):
            headers = _saved_as(reply.body.name)
            return Response(reply.body.content, 200, headers, route.media_type)
        if isinstance(reply.body, Download):
            headers = _saved_as(reply.body.name)
            return StreamingResponse(reply.body.chunks, 200, headers, reply.body.media_type)
        return Response(
            msgspec.json.encode(reply.body),
            reply.status,
            {"cache-control": "no-store"},
            "application/json",
        )


def joined(parameters: QueryParams) -> dict[str, str]:
    """Each parameter once; one that was repeated counts as a list with commas."""
    return {key: ",".join(parameters.getlist(key)) for key in parameters}


def _saved_as(name: str) -> dict[str, str]:
    return {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
    }
