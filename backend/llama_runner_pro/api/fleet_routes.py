"""Routes past one computer."""

from __future__ import annotations

from llama_runner_pro.api.http import fleet
from llama_runner_pro.api.route import ApiRoute
from llama_runner_pro.metrics.fleet import Fleet

FLEET_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        method="GET",
        path="/api/fleet",
        handler=fleet.fleet,
        answer=Fleet,
        summary="All computers at a glance, the worst first",
    ),
)
