"""The present configuration: the one place where it changes, whoever changes it.

A change is checked as a whole, written, and applied; when applying fails, file and running
configuration are put back. An edit of the file from outside goes the same road.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

from llama_runner_pro.config import entries, noxpanel
from llama_runner_pro.config.diff import Diff, diff
from llama_runner_pro.config.document import JsonObject, parse_document
from llama_runner_pro.config.redact import redacted_document
from llama_runner_pro.config.refusals import ApplyFailed, NotSaved, UnknownBackup, VersionConflict
from llama_runner_pro.config.restore import with_secrets
from llama_runner_pro.config.stored import Stored, understood, written
from llama_runner_pro.core.errors import ConfigError, Problem, Refused
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from llama_runner_pro.config.desk import Desk
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.stored import Check

    Apply = Callable[[Config, Diff], Awaitable[None]]

Document = dict[str, Any]
Origin = Literal["api", "file", "rollback"]

_log = logging.getLogger(__name__)


class ConfigNews(ValueObject, frozen=True):
    """The configuration changed, or a file that was edited outside was refused."""

    version: str
    origin: Origin
    problems: tuple[Problem, ...] = ()


class KeptVersion(ValueObject, frozen=True):
    """A backup as it is listed. `endpoints`: how many it holds; None when it is unreadable."""

    id: str
    version: str
    saved_ms: int
    endpoints: int | None


class Shown(ValueObject, frozen=True):
    """The present configuration as people may see it: no secret in it."""

    version: str
    source: Path | None
    saves_to: Path
    note: str | None
    document: Document
    backups: tuple[KeptVersion, ...]
    problems: tuple[Problem, ...]


class ConfigStore:
    """Use from the event loop only. One change at a time; reading never waits for one."""

    def __init__(
        self, stored: Stored, *, desk: Desk, check: Check, apply: Apply, key: bytes
    ) -> None:
        self.topic: Topic[ConfigNews] = Topic()
        self._stored, self._desk = stored, desk
        self._check, self._apply, self._key = check, apply, key
        self._changing = asyncio.Lock()
        self._note = desk.note(stored)
        self._problems: tuple[Problem, ...] = ()
        self._refused: bytes | None = None
        """Content of the file that was found to be wrong."""

    @property
    def config(self) -> Config:
        """What is configured now."""
        return self._stored.config

    @property
    def version(self) -> str:
        """Changes with every change; the same for the same document."""
        return self._version_of(self._stored.document)

    @property
    def watched_path(self) -> Path:
        """The file whose edits count."""
        return self._stored.path or self._desk.default

    async def shown(self) -> Shown:
        """The present configuration with its backups."""
        stored = self._stored
        return Shown(
            version=self.version,
            source=stored.path,
            saves_to=self._desk.target(stored),
            note=self._note,
            document=redacted_document(stored.document),
            backups=tuple(await self.backups()),
            problems=self._problems,
        )

    async def backups(self) -> list[KeptVersion]:
        """Newest first."""
        kept = await asyncio.to_thread(self._desk.archive.all)
        return [self._kept(one.id, one.saved_ms, one.content) for one in kept]

    # --- changing --------------------------------------------------------------------------------

    async def save(self, document: Document, version: str | None) -> Diff:
        """Replace the whole configuration; `•••` keeps the secret that is stored.

        Raises ConfigError with all problems, VersionConflict, NotSaved and ApplyFailed; each
        time everything stays as it was. The same holds for all changes below.
        """
        return await self._change(lambda _: document, version)

    async def add(self, entry: Document, version: str | None) -> Diff:
        """One more endpoint."""
        return await self._change(lambda present: entries.with_added(present, entry), version)

    async def put(self, name: str, entry: Document, version: str | None) -> Diff:
        """Another entry for this endpoint. Raises UnknownEndpoint and Refused as well."""
        self._must_be_in_file(name)
        edit = partial(entries.with_changed, name=name, entry=entry)
        return await self._change(edit, version)

    async def amend(self, name: str, changes: Document) -> Diff:
        """Other values for some keys of this endpoint. Raises UnknownEndpoint and Refused too."""
        self._must_be_in_file(name)
        edit = partial(entries.with_amended, name=name, changes=changes)
        return await self._change(edit, None)

    async def amend_section(self, key: str, changes: Document) -> Diff:
        """Other values for some keys of a section such as `gateway`."""
        return await self._change(partial(entries.with_section, key=key, changes=changes), None)

    async def remove(self, name: str, version: str | None) -> Diff:
        """One endpoint less. Raises UnknownEndpoint and Refused as well."""
        self._must_be_in_file(name)
        return await self._change(partial(entries.without, name=name), version)

    async def rollback(self, backup: str | None, version: str | None) -> Diff:
        """Return to a backup, by its id or by the version it holds. Raises UnknownBackup too."""
        kept = await asyncio.to_thread(self._desk.archive.all)
        for one in kept:
            holds = self._kept(one.id, one.saved_ms, one.content).version
            if one.id == backup or (backup is None and holds == version):
                path = self._desk.target(self._stored)
                document = noxpanel.modern(parse_document(path, one.content))
                async with self._changing:
                    await self._take_in()
                    return await self._go_to(document, "rollback")
        raise UnknownBackup(backup or version or "", [one.id for one in kept])

    async def reload(self) -> None:
        """Take in what somebody did to the file; what is wrong with it is published."""
        async with self._changing:
            await self._take_in()

    async def _change(self, edit: Callable[[Document], Document], version: str | None) -> Diff:
        async with self._changing:
            await self._take_in()
            if version is not None and version != self.version:
                raise VersionConflict(self.version)
            present = self._stored.document
            given = JsonObject(list(edit(present).items()))
            if noxpanel.is_older(given):
                await asyncio.to_thread(self._check, given, source="configuration")
            return await self._go_to(with_secrets(noxpanel.modern(given), present), "api")

    async def _go_to(self, document: Document, origin: Origin) -> Diff:
        before, target = self._stored, self._desk.target(self._stored)
        content = _content(document)
        after = await asyncio.to_thread(understood, target, content, self._check)
        changes = diff(before.config, after.config)
        if after.document == before.document and before.content is not None:
            return changes
        try:
            undo = await asyncio.to_thread(self._desk.write, before, content)
        except OSError as error:
            raise NotSaved(str(target), error.strerror or str(error)) from error
        try:
            await self._run(before, after, changes)
        except ApplyFailed:
            await asyncio.to_thread(undo)
            raise
        if before.older:
            self._note = self._desk.taken_over(before)
        self._settle(after, origin)
        return changes

    async def _run(self, before: Stored, after: Stored, changes: Diff) -> None:
        """Make `after` the running configuration, or leave `before` running."""
        try:
            await self._apply(after.config, changes)
        except ApplyFailed as error:
            _log.warning("a change of the configuration is undone: %s", error)
            try:
                await self._apply(before.config, diff(after.config, before.config))
            except ApplyFailed as again:
                _log.error("undoing it failed as well: %s", again)
            raise

    async def _take_in(self) -> None:
        """Bring us up to date with the file, unless it is as we know it."""
        before = self._stored
        try:
            content = await asyncio.to_thread(self._desk.read, before)
        except ConfigError as error:
            self._refuse(b"", error.problems)
            return
        if content == before.content:
            self._settle(before, "file", unless_new=True)
            return
        if content is None or content == self._refused:
            return
        try:
            after = await asyncio.to_thread(understood, self.watched_path, content, self._check)
            await self._run(before, after, diff(before.config, after.config))
        except ConfigError as error:
            self._refuse(content, error.problems)
        except ApplyFailed as error:
            self._refuse(content, [Problem(error.step, error.reason, "the change was undone")])
        else:
            self._note = self._desk.note(after)
            self._settle(after, "file")

    def _settle(self, stored: Stored, origin: Origin, *, unless_new: bool = False) -> None:
        """This is what runs, and what the file says."""
        if unless_new and not self._problems:
            return
        self._stored, self._problems, self._refused = stored, (), None
        _log.info("the configuration in %s is in force", stored.path)
        self.topic.publish(ConfigNews(self.version, origin))

    def _refuse(self, content: bytes, problems: list[Problem]) -> None:
        """The file says something that cannot run; what runs stays."""
        self._refused = content
        if tuple(problems) == self._problems:
            return
        self._problems = tuple(problems)
        words = "; ".join(str(problem) for problem in problems[:3])
        _log.warning("the edited configuration is not used: %s", words)
        self.topic.publish(ConfigNews(self.version, "file", self._problems))

    # --- reading ---------------------------------------------------------------------------------

    def _must_be_in_file(self, name: str) -> None:
        listed = {entry["name"] for entry in entries.entries(self._stored.document)}
        if name not in listed and any(spec.name == name for spec in self.config.endpoints):
            raise Refused(f"{name} comes from the command line; it is in no file to be changed")

    def _kept(self, backup_id: str, saved_ms: int, content: bytes) -> KeptVersion:
        try:
            document = noxpanel.modern(parse_document(self._desk.default, content))
            count = len(entries.entries(document))
            version = self._version_of(document)
        except (ConfigError, TypeError, ValueError):
            return KeptVersion(backup_id, self._hashed(content), saved_ms, None)
        return KeptVersion(backup_id, version, saved_ms, count)

    def _version_of(self, document: Document) -> str:
        return self._hashed(written(document))

    def _hashed(self, content: bytes) -> str:
        # Keyed, so that nobody can try secrets out against it.
        return blake2b(content, digest_size=8, key=self._key).hexdigest()


def _content(document: Document) -> bytes:
    try:
        return written(document)
    except (ValueError, TypeError, RecursionError) as error:
        problem = Problem("configuration", f"it cannot be written as JSON: {error}")
        raise ConfigError([problem], source="configuration") from error
