"""Routes of the configuration, of endpoints as configured, and of sessions."""

from __future__ import annotations

from typing import Any

from llama_runner_pro.api.config_shapes import (
    Access,
    ConfigBackups,
    ConfigChanged,
    ConfigDocument,
    ConfigUpdate,
    EndpointCreate,
    EndpointDelete,
    EndpointUpdate,
    RollbackRequest,
    SessionLink,
)
from llama_runner_pro.api.http import config, session
from llama_runner_pro.api.route import ApiRoute

DOCUMENT_LIMIT_BYTES = 2_000_000
"""As large as a configuration file may be."""


def _reading(path: str, handler: Any, answer: Any, summary: str) -> ApiRoute:
    return ApiRoute(method="GET", path=path, handler=handler, answer=answer, summary=summary)


def _changing(method: str, path: str, handler: Any, summary: str, **more: Any) -> ApiRoute:
    known = {
        "answer": ConfigChanged,
        "errors": (401, 404, 409, 429, 507),
        "body_limit_bytes": DOCUMENT_LIMIT_BYTES,
        **more,
    }
    return ApiRoute(
        method=method, path=path, handler=handler, summary=summary, needs_token=True, **known
    )


CONFIG_ROUTES: tuple[ApiRoute, ...] = (
    _reading("/api/config", config.present, ConfigDocument, "The configuration"),
    _changing("PUT", "/api/config", config.replace, "Replace the configuration", body=ConfigUpdate),
    _reading(
        "/api/config/schema", config.schema, dict[str, Any], "The configuration's JSON Schema"
    ),
    _reading("/api/config/backups", config.backups, ConfigBackups, "Replaced configurations"),
    _changing(
        "POST",
        "/api/config/rollback",
        config.rollback,
        "Return to a backup",
        body=RollbackRequest,
    ),
    _changing(
        "POST",
        "/api/endpoints",
        config.add_endpoint,
        "Add an endpoint to the configuration",
        body=EndpointCreate,
        statuses=(201,),
    ),
    _changing(
        "PUT",
        "/api/endpoints/{name:path}",
        config.put_endpoint,
        "Change an endpoint of the configuration",
        body=EndpointUpdate,
    ),
    _changing(
        "DELETE",
        "/api/endpoints/{name:path}",
        config.delete_endpoint,
        "Remove an endpoint from the configuration",
        body=EndpointDelete,
    ),
    _reading("/api/session", session.access, Access, "What this caller may do"),
    _changing(
        "POST",
        "/api/session/links",
        session.link,
        "A link that lets one browser in, once",
        answer=SessionLink,
        errors=(401, 429),
    ),
)
