"""Shapes of the configuration over REST and on the stream, and of who may change it."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from llama_runner_pro.api.schemas import ConfigProblem

ConfigOrigin = Literal["api", "file", "rollback"]
"""Who changed it: a call, somebody's editor, or a return to a backup."""


class ConfigBackup(Struct, frozen=True, kw_only=True):
    """One of the last five files that were replaced."""

    id: str
    version: str
    saved_ms: int
    """When it was replaced by the next one."""
    endpoints: int | None
    """How many it holds; None when it cannot be read any more."""


class ConfigDocument(Struct, frozen=True, kw_only=True):
    """`GET /api/config`: what is configured, as the user wrote it, without defaults.

    Every secret is `•••`. Sent back unchanged, it keeps the value that is stored.
    """

    version: str
    """To be sent back with a change, so that nobody overwrites what they have not seen."""
    source: str | None
    """The file that was read; None when there is none yet."""
    saves_to: str
    """The file that the next change is written to."""
    note: str | None
    """Something to know about that file, in words."""
    document: dict[str, Any]
    text: str
    """The document as indented JSON."""
    schema_url: str
    backups: list[ConfigBackup]
    problems: list[ConfigProblem]
    """What is wrong with the file as it is on disk now; the running configuration stays."""


class ConfigEffect(Struct, frozen=True, kw_only=True):
    """What a change did, by endpoint name."""

    added: list[str]
    removed: list[str]
    replaced: list[str]
    """Their processes end and are started anew: command, environment, port or engine changed."""
    adjusted: list[str]
    """Checks, delays and the like changed; their processes run on."""
    settings: list[str]
    """Settings outside of endpoints that changed."""


class ConfigChanged(Struct, frozen=True, kw_only=True):
    """Answer to every change: how things are now, and what was done for it."""

    config: ConfigDocument
    effect: ConfigEffect


class ConfigUpdate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `PUT /api/config`."""

    version: str
    """As read; another one is answered with 409 and the present one."""
    document: dict[str, Any]


class ConfigBackups(Struct, frozen=True, kw_only=True):
    """`GET /api/config/backups`, newest first."""

    backups: list[ConfigBackup]


class RollbackRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/config/rollback`: one of the two."""

    backup: str | None = None
    """Id of a backup."""
    version: str | None = None
    """The version that a backup holds."""


class EndpointCreate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/endpoints`."""

    endpoint: dict[str, Any]
    """As in the configuration's `endpoints`."""
    version: str | None = None
    """Checked when given."""


class EndpointUpdate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `PUT /api/endpoints/{name}`: the whole entry; another name renames it."""

    endpoint: dict[str, Any]
    version: str | None = None
    """Checked when given."""


class EndpointDelete(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `DELETE /api/endpoints/{name}`; may be left out."""

    version: str | None = None
    """Checked when given."""


class Access(Struct, frozen=True, kw_only=True):
    """`GET /api/session`: what this caller may do."""

    may_change: bool
    """It has shown the token: configuration and endpoints can be changed."""
    token_for_everything: bool
    """Other machines can reach this server, so that even reading needs the token."""
    hint: str
    """How to get the right to change, in words; empty when it is there."""


class SessionLink(Struct, frozen=True, kw_only=True):
    """`POST /api/session/links`: a link that lets one browser in, once."""

    path: str
    """`/session/<code>`, to be opened at this server's address."""
    expires_in_s: int
