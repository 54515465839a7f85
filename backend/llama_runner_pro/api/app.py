"""The ASGI application: guard, routes, streams, dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from llama_runner_pro.api.auth import SESSION_PREFIX
from llama_runner_pro.api.deps import ApiDeps
from llama_runner_pro.api.door import Door
from llama_runner_pro.api.guard import Guard, security_headers
from llama_runner_pro.api.http.exposition import Exposition
from llama_runner_pro.api.problems import ApiProblem, internal_error, problem_response
from llama_runner_pro.api.route import AddressApp, ApiRoute
from llama_runner_pro.api.routes import LOG_STREAM_PATH, METRICS_PATH, ROUTES
from llama_runner_pro.api.static import Dashboard
from llama_runner_pro.api.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from llama_runner_pro.core.clock import Clock

__all__ = ["ApiDeps", "create_app", "streams_of"]


def create_app(deps: ApiDeps) -> Starlette:
    """Build the application. `streams_of(app).close()` says goodbye to viewers before a stop."""
    streams = Streams(deps)

    async def failed(request: Request, error: Exception) -> Response:
        # The server logs the error itself; it goes to nobody outside.
        response = problem_response(request.url.path, internal_error(), deps.clock)
        response.headers.update(security_headers(None))
        return response

    app = Starlette(
        routes=[
            WebSocketRoute(METRICS_PATH, streams.metrics),
            WebSocketRoute(LOG_STREAM_PATH, streams.logs),
            # The same address without an upgrade is what Prometheus scrapes.
            Route(METRICS_PATH, Exposition(deps)),
            Route(LOG_STREAM_PATH, UpgradeNeeded(deps.clock)),
            Route(SESSION_PREFIX + "{code}", Door(deps.gate, deps.clock)),
            *address_routes(deps, ROUTES),
        ],
        middleware=[
            Middleware(
                Guard,
                clock=deps.clock,
                allowed_hosts=deps.allowed_hosts,
                gate=deps.gate,
                gateway_ports=deps.gateway.ports,
            )
        ],
        exception_handlers={Exception: failed},
    )
    app.router.redirect_slashes = False
    app.router.default = Dashboard(deps.static_dir, deps.clock)
    app.state.streams = streams
    return app


def streams_of(app: Starlette) -> Streams:
    """The live connections of an application made by `create_app`."""
    streams: Streams = app.state.streams
    return streams


def address_routes(deps: ApiDeps, table: Sequence[ApiRoute]) -> list[Route]:
    """One route per address, whatever its methods, in the table's order."""
    by_path: dict[str, list[ApiRoute]] = {}
    for route in table:
        by_path.setdefault(route.path, []).append(route)
    started_s = deps.clock.monotonic()
    return [Route(path, AddressApp(routes, deps, started_s)) for path, routes in by_path.items()]


class UpgradeNeeded:
    """Answers plain HTTP on an address that is a WebSocket."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """426 with the protocol to upgrade to."""
        problem = ApiProblem(
            426,
            "websocket_only",
            "A WebSocket is needed here",
            f"{scope['path']} is a stream, not a document",
            hint="connect with ws:// instead of http://",
            headers={"upgrade": "websocket", "connection": "upgrade"},
        )
        response = problem_response(scope["path"], problem, self._clock)
        await response(scope, receive, send)
