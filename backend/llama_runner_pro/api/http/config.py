"""`/api/config` and changes of `/api/endpoints`: reading, replacing, going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.config_shapes import (
    ConfigBackup,
    ConfigBackups,
    ConfigChanged,
    ConfigDocument,
    ConfigEffect,
    ConfigUpdate,
    EndpointCreate,
    EndpointDelete,
    EndpointUpdate,
    RollbackRequest,
)
from llama_runner_pro.api.problems import ApiProblem, config_problems
from llama_runner_pro.api.route import Reply
from llama_runner_pro.config.schema import config_schema
from llama_runner_pro.config.stored import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.api.route import Call
    from llama_runner_pro.config.diff import Diff
    from llama_runner_pro.config.store import KeptVersion

SCHEMA_URL = "/api/config/schema"


async def present(call: Call) -> Reply:
    """What is configured, secrets hidden."""
    return Reply(await _document(call))


async def schema(call: Call) -> Reply:
    """The JSON Schema of the configuration."""
    return Reply(config_schema())


async def backups(call: Call) -> Reply:
    """The files that were replaced."""
    return Reply(ConfigBackups(backups=_backups(await call.deps.config.backups())))


async def replace(call: Call) -> Reply:
    """Put another configuration in the place of the present one."""
    wanted = call.body_as(ConfigUpdate)
    return await _changed(call, await call.deps.config.save(wanted.document, wanted.version))


async def rollback(call: Call) -> Reply:
    """Return to a backup."""
    wanted = call.body_as(RollbackRequest)
    if (wanted.backup is None) == (wanted.version is None):
        raise ApiProblem(
            422,
            "invalid_value",
            "Wrong value in the body",
            "body: either backup or version says where to return to",
            hint="GET /api/config/backups lists both",
        )
    return await _changed(call, await call.deps.config.rollback(wanted.backup, wanted.version))


async def add_endpoint(call: Call) -> Reply:
    """One more."""
    wanted = call.body_as(EndpointCreate)
    reply = await _changed(call, await call.deps.config.add(wanted.endpoint, wanted.version))
    return Reply(reply.body, 201)


async def put_endpoint(call: Call) -> Reply:
    """Other settings for one."""
    wanted, name = call.body_as(EndpointUpdate), call.path["name"]
    return await _changed(call, await call.deps.config.put(name, wanted.endpoint, wanted.version))


async def delete_endpoint(call: Call) -> Reply:
    """One less."""
    version = call.body_as(EndpointDelete).version
    return await _changed(call, await call.deps.config.remove(call.path["name"], version))


async def _changed(call: Call, changes: Diff) -> Reply:
    effect = ConfigEffect(
        added=list(changes.added),
        removed=list(changes.removed),
        replaced=list(changes.replaced),
        adjusted=list(changes.adjusted),
        settings=list(changes.settings),
    )
    return Reply(ConfigChanged(config=await _document(call), effect=effect))


async def _document(call: Call) -> ConfigDocument:
    shown = await call.deps.config.shown()
    return ConfigDocument(
        version=shown.version,
        source=None if shown.source is None else str(shown.source),
        saves_to=str(shown.saves_to),
        note=shown.note,
        document=shown.document,
        text=written(shown.document).decode(),
        schema_url=SCHEMA_URL,
        backups=_backups(shown.backups),
        problems=config_problems(shown.problems),
    )


def _backups(kept: Iterable[KeptVersion]) -> list[ConfigBackup]:
    return [
        ConfigBackup(id=one.id, version=one.version, saved_ms=one.saved_ms, endpoints=one.endpoints)
        for one in kept
    ]
