"""The API as an OpenAPI 3.1 document, made from the shapes that also validate.

The frames of the streams are in its components, so that `types.ts` derives from one document.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.api.frames import (
    JSON_PROTOCOL,
    MSGPACK_PROTOCOL,
    ClientFrame,
    ServerFrame,
)
from llama_runner_pro.api.problems import in_envelope
from llama_runner_pro.api.routes import LOG_STREAM_PATH, METRICS_PATH, ROUTES
from llama_runner_pro.api.schemas import (
    Envelope,
    LogBatch,
    LogStreamQuery,
    NoQuery,
    ProblemDetails,
)

if TYPE_CHECKING:
    from llama_runner_pro.api.route import ApiRoute

ANY_ADDRESS_ERRORS = (403, 405, 413, 415, 421, 422, 500)
_PATH_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_REASONS = {
    200: "Done",
    202: "Under way; ask `GET /api/operations/{id}`",
    201: "Added",
    400: "The body is not JSON, or the range makes no sense",
    401: "The access token is needed",
    403: "Another site's page may not do this",
    404: "No such thing",
    405: "Wrong method; `Allow` says which work",
    409: "Not possible in the present state",
    413: "The body is too large",
    415: "The body is not declared as JSON",
    421: "This host name is not ours",
    422: "A field is unknown or has a wrong value",
    429: "Too many wrong tokens",
    500: "A bug of ours",
    507: "The file could not be written",
    502: "The model could not be started",
    503: "Not now; `Retry-After` says when, if that is known",
}


@cache
def openapi_document(version: str) -> dict[str, Any]:
    """The whole document; needs no running server. The same object every time: do not change."""
    shapes = _Shapes(ROUTES)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        path = _PATH_PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path, shapes)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "LlamaRunner Pro",
            "version": version,
            "description": "Watches, heals and shows the AI model servers of this computer.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": shapes.components},
        "x-websockets": {
            METRICS_PATH: {
                "subprotocols": [MSGPACK_PROTOCOL, JSON_PROTOCOL],
                "server": shapes.of(ServerFrame),
                "client": shapes.of(ClientFrame),
            },
            LOG_STREAM_PATH: {
                "parameters": shapes.query(LogStreamQuery),
                "server": shapes.of(LogBatch),
            },
        },
    }
    # Defaults are values of ours (tuples, structs) until they have been JSON once.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


class _Shapes:
    """Schemas by type, all components collected once."""

    def __init__(self, routes: tuple[ApiRoute, ...]) -> None:
        named = (ServerFrame, ClientFrame, LogBatch, ProblemDetails, Envelope[ProblemDetails])
        types: list[Any] = [*named, LogStreamQuery]
        for route in routes:
            types += [route.answer, route.body, route.query]
        unique = list(dict.fromkeys(types))
        schemas, self.components = msgspec.json.schema_components(
            unique, ref_template="#/components/schemas/{name}"
        )
        self._by_type = dict(zip(unique, schemas, strict=True))
        self.components["ServerFrame"] = self._by_type[ServerFrame]
        self.components["ClientFrame"] = self._by_type[ClientFrame]

    def of(self, shape: Any) -> dict[str, Any]:
        """Schema, or a reference to it."""
        schema: dict[str, Any] = self._by_type[shape]
        return schema

    def query(self, shape: type[msgspec.Struct]) -> list[dict[str, Any]]:
        """Query parameters, one per field."""
        name = self._by_type[shape]["$ref"].rpartition("/")[2]
        properties = self.components[name].get("properties", {})
        return [
            {"name": key, "in": "query", "required": False, "schema": schema}
            for key, schema in properties.items()
        ]


def _operation(route: ApiRoute, path: str, shapes: _Shapes) -> dict[str, Any]:
    words = re.findall(r"\w+", path.removeprefix("/api/"))
    operation: dict[str, Any] = {
        "operationId": "_".join([route.method.lower(), *words]),
        "summary": route.summary,
        "tags": [words[0] if words[0] != "ai" else "ai-monitor"],
        "responses": _responses(route, path, shapes),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_PARAMETER.findall(route.path)
    ]
    if route.query is not NoQuery:
        parameters += shapes.query(route.query)
    if parameters:
        operation["parameters"] = parameters
    if route.changes:
        operation["requestBody"] = {
            "required": False,
            "content": {"application/json": {"schema": shapes.of(route.body)}},
        }
    return operation


def _answer(route: ApiRoute, shapes: _Shapes) -> dict[str, Any]:
    if route.answer is bytes:
        return {"type": "string", "format": "binary"}
    return shapes.of(route.answer)


def _responses(route: ApiRoute, path: str, shapes: _Shapes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status in route.statuses:
        content = {route.media_type: {"schema": _answer(route, shapes)}}
        found[str(status)] = {"description": _REASONS[status], "content": content}
    error: dict[str, Any]
    if in_envelope(path):
        error = {"application/json": {"schema": shapes.of(Envelope[ProblemDetails])}}
    else:
        error = {"application/problem+json": {"schema": shapes.of(ProblemDetails)}}
    errors = {*ANY_ADDRESS_ERRORS, *route.errors, *((400,) if route.changes else ())}
    for status in sorted(errors):
        found[str(status)] = {"description": _REASONS[status], "content": error}
    return found
