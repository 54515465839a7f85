"""The WebSocket addresses: from handshake to conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.body import parse_query
from llama_runner_pro.api.http.logs import unknown_source
from llama_runner_pro.api.log_reader import UnknownLogSource
from llama_runner_pro.api.problems import ApiProblem, problem_response
from llama_runner_pro.api.schemas import LogStreamQuery, NoQuery
from llama_runner_pro.api.ws.conversation import Conversations
from llama_runner_pro.api.ws.hub import Hub
from llama_runner_pro.api.ws.log_stream import LogStream
from llama_runner_pro.api.ws.socket import AsgiSocket

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from starlette.websockets import WebSocket

    from llama_runner_pro.api.deps import ApiDeps


class Streams:
    """Everything that stays connected: the metrics hub and the log followers."""

    def __init__(self, deps: ApiDeps) -> None:
        self._deps = deps
        self.hub = Hub(deps)
        self._followers: Conversations[LogStream] = Conversations()

    async def close(self) -> None:
        """Say goodbye to all viewers and followers; call before the server stops."""
        await self.hub.close()
        await self._followers.close()

    async def metrics(self, websocket: WebSocket) -> None:
        """`/metrics`: plain JSON, or the subprotocol the client prefers among ours."""
        try:
            parse_query(websocket.query_params, NoQuery)
            chosen = choose_subprotocol(websocket.scope.get("subprotocols", []), self.hub.codecs)
        except ApiProblem as problem:
            await self._deny(websocket, problem)
            return
        await websocket.accept(chosen)
        await self.hub.serve(AsgiSocket(websocket), chosen)

    async def logs(self, websocket: WebSocket) -> None:
        """`/api/logs/stream`."""
        deps = self._deps
        try:
            query = parse_query(websocket.query_params, LogStreamQuery)
            stream = LogStream(AsgiSocket(websocket), deps.clock, deps.logs, query)
        except ApiProblem as problem:
            await self._deny(websocket, problem)
            return
        except UnknownLogSource as error:
            await self._deny(websocket, unknown_source(error))
            return
        await websocket.accept()
        await self._followers.hold(stream)

    async def _deny(self, websocket: WebSocket, problem: ApiProblem) -> None:
        path = websocket.scope["path"]
        await websocket.send_denial_response(problem_response(path, problem, self._deps.clock))


def choose_subprotocol(offered: Sequence[str], ours: Collection[str]) -> str | None:
    """The first that the client offers and we speak; None when it offers none at all.

    Raises ApiProblem 400 when it offers some, but none of ours.
    """
    for name in offered:
        if name in ours:
            return name
    if not offered:
        return None
    raise ApiProblem(
        400,
        "unknown_subprotocol",
        "No such subprotocol",
        f"the client speaks {', '.join(offered)}",
        hint=f"we speak {', '.join(ours)}, and plain JSON without any",
    )
