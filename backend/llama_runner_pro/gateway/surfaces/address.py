"""One address of a surface: picks the method, calls, answers, words errors in the dialect."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from llama_runner_pro.core.errors import BadRequest, ClientGone, GatewayError
from llama_runner_pro.gateway.dialects import error_answer, error_event
from llama_runner_pro.gateway.surfaces.answers import NDJSON, SSE, Streamed
from llama_runner_pro.gateway.surfaces.call import Call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import Receive, Scope, Send

    from llama_runner_pro.endpoints.traffic import Surface
    from llama_runner_pro.gateway.surfaces.desk import Desk

    Handler = Callable[[Call], Awaitable["Response | Streamed"]]

_log = logging.getLogger(__name__)
_WRONG_METHOD = 405


class Address:
    """ASGI application for one path."""

    def __init__(self, desk: Desk, surface: Surface, handlers: Mapping[str, Handler]) -> None:
        self._desk = desk
        self._surface = surface
        self._handlers = dict(handlers)
        if "GET" in self._handlers:
            self._handlers.setdefault("HEAD", self._handlers["GET"])
        self._allowed = ", ".join(sorted({*self._handlers, "OPTIONS"}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. A client that has gone gets nothing."""
        call = Call(self._desk, self._surface, scope, receive)
        try:
            answer = await self._answer(call)
            if isinstance(answer, Streamed):
                await self._stream(call, answer, send)
            else:
                call.has_begun = True
                await answer(scope, receive, send)
        except ClientGone:
            _log.debug("a client of %s went away", scope["path"])
        except GatewayError as error:
            call.refused(error)
            await self._told(error)(scope, receive, send)
        except Exception:
            # The server logs it; it goes to nobody outside.
            if not call.has_begun:
                await self._told(GatewayError())(scope, receive, send)
            raise
        finally:
            call.intake.close()

    def _told(self, error: GatewayError) -> Response:
        told = error_answer(self._surface, error)
        allowed = {"allow": self._allowed} if told.status == _WRONG_METHOD else {}
        return Response(told.body, told.status, {**told.headers, **allowed})

    async def _answer(self, call: Call) -> Response | Streamed:
        method = call.method
        if method == "OPTIONS":
            return self._preflight(call)
        handler = self._handlers.get(method)
        if handler is None:
            raise BadRequest(
                f"{method} is not allowed on {call.path}",
                status=_WRONG_METHOD,
                code="method_not_allowed",
            )
        return await handler(call)

    def _preflight(self, call: Call) -> Response:
        response = Response(status_code=204)
        response.raw_headers.extend(self._desk.access.preflight(call.request.headers.raw))
        return response

    async def _stream(self, call: Call, answer: Streamed, send: Send) -> None:
        """Raises what fails before the first byte; afterwards it is told within the stream."""
        last = b""
        try:
            async with aclosing(answer.pieces) as pieces:
                async for piece in pieces:
                    if not call.has_begun:
                        call.has_begun = True
                        await send(_head(answer))
                    last = piece or last
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except ClientGone:
            raise
        except GatewayError as error:
            if not call.has_begun:
                raise
            event = _separator(answer.media_type, last) + error_event(self._surface, error)
            await send({"type": "http.response.body", "body": event, "more_body": True})
        if not call.has_begun:
            call.has_begun = True
            await send(_head(answer))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def addresses(
    desk: Desk, surface: Surface, table: Mapping[str, Mapping[str, Handler]]
) -> list[Route]:
    """Routes for path → method → handler."""
    return [Route(path, Address(desk, surface, handlers)) for path, handlers in table.items()]


def _head(answer: Streamed) -> dict[str, object]:
    headers = {"content-type": answer.media_type, **answer.headers}
    if answer.media_type.startswith(SSE):
        headers.setdefault("cache-control", "no-cache")
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": answer.status, "headers": raw}


def _separator(media_type: str, last: bytes) -> bytes:
    """What must come before an event when the server stopped in the middle of one."""
    if media_type.startswith(SSE):
        return b"" if last.endswith(b"\n\n") else b"\n\n"
    if media_type.startswith(NDJSON):
        return b"" if last.endswith(b"\n") else b"\n"
    return b""
