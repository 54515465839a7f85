"""`/session/<code>`: where a one-time link lets a browser in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

from llama_runner_pro.api.guard import authority
from llama_runner_pro.api.problems import ApiProblem, problem_response, wrong_method

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from llama_runner_pro.api.auth import Gate
    from llama_runner_pro.core.clock import Clock


class Door:
    """Sets the cookie and leads on to the dashboard."""

    def __init__(self, gate: Gate, clock: Clock) -> None:
        self._gate, self._clock = gate, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """303 to `/`, or the problem. HEAD is refused: looking must not use the link up."""
        try:
            response = self._let_in(scope)
        except ApiProblem as problem:
            response = problem_response(SESSION_SHOWN, problem, self._clock)
        await response(scope, receive, send)

    def _let_in(self, scope: Scope) -> Response:
        if scope["method"] != "GET":
            raise wrong_method(scope["method"], SESSION_SHOWN, ["GET"])
        host = authority(Headers(scope=scope).get("host", ""), 80)
        cookie = self._gate.redeem(scope["path_params"]["code"], host[1] if host else 80)
        headers = {"location": "/", "set-cookie": cookie, "cache-control": "no-store"}
        return Response(status_code=303, headers=headers)


SESSION_SHOWN = "/session/…"
"""The address in answers: the code itself is nobody's business."""
