"""Small ASGI apps that stand around those of the doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from llama_runner_pro.gateway.ports import Visitor


def leaving(app: ASGIApp, visitor: Visitor) -> ASGIApp:
    """The app, after whose end the visitor's key has one request less."""
    leave = visitor.leave
    if leave is None:
        return app

    async def until_the_end(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            leave()

    return until_the_end


def preflight_app(headers: tuple[tuple[bytes, bytes], ...]) -> ASGIApp:
    """Answers a CORS preflight."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": list(headers)})
        await send({"type": "http.response.body", "body": b""})

    return answer
