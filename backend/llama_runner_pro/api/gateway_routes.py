"""Routes of the gateway."""

from __future__ import annotations

from typing import Any

from llama_runner_pro.api.gateway_shapes import (
    BreakerCommand,
    Captures,
    GatewayRequests,
    ModelCommand,
    OriginCommand,
    RequestsQuery,
)
from llama_runner_pro.api.http import gateway
from llama_runner_pro.api.route import ApiRoute
from llama_runner_pro.endpoints.traffic import BreakerView, DoorView, GatewayView, ModelView

_HERE = "/api/gateway"


def _route(
    method: str, path: str, handler: Any, answer: Any, summary: str, **more: Any
) -> ApiRoute:
    return ApiRoute(
        method=method, path=_HERE + path, handler=handler, answer=answer, summary=summary, **more
    )


GATEWAY_ROUTES: tuple[ApiRoute, ...] = (
    _route("GET", "", gateway.overview, GatewayView, "Doors, models, breakers, sums"),
    _route(
        "GET",
        "/requests",
        gateway.requests,
        GatewayRequests,
        "Requests that run, and the last ones that ended; never their text",
        query=RequestsQuery,
    ),
    _route(
        "POST",
        "/breakers",
        gateway.set_breaker,
        BreakerView,
        "Open, close or reset a circuit breaker by hand",
        body=BreakerCommand,
        errors=(404,),
    ),
    _route(
        "POST",
        "/doors/{name}/reopen",
        gateway.reopen_door,
        DoorView,
        "Move a door back to its usual port if that is free",
        errors=(404,),
    ),
    _route(
        "POST",
        "/models/load",
        gateway.load_model,
        ModelView,
        "Have a model loaded",
        body=ModelCommand,
        errors=(404, 409, 503),
    ),
    _route(
        "POST",
        "/models/unload",
        gateway.unload_model,
        ModelView,
        "Unload a model once its requests are done",
        body=ModelCommand,
        errors=(404, 409, 503),
    ),
    _route(
        "POST",
        "/origins",
        gateway.allow_origin,
        GatewayView,
        "Let web pages of an origin use the gateway",
        body=OriginCommand,
        errors=(401, 409, 422, 429, 507),
        needs_token=True,
    ),
    _route(
        "GET",
        "/captures",
        gateway.captures,
        Captures,
        "Texts of requests, if the user keeps them",
        errors=(401, 429),
        needs_token=True,
    ),
    _route(
        "DELETE",
        "/captures",
        gateway.forget_captures,
        Captures,
        "Forget the texts of requests",
        errors=(401, 429),
        needs_token=True,
    ),
)
