"""The folder that holds the bundles: few, small, and readable by their owner only."""

from __future__ import annotations

import contextlib
import re
import stat
from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.config.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

KEEP_BUNDLES = 20
KEEP_BYTES = 20_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,120}\.tar\.gz")
_OF_INCIDENT = re.compile(r"incident-(.+)\.tar\.gz")


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """One archive of what was known about a fault, secrets left out."""

    name: str
    size_bytes: int
    created_ms: int
    incident_id: str | None = None
    """The incident it was made for."""


def incident_bundle_name(incident_id: str) -> str:
    """The name of the bundle of an incident. Raises ValueError when that would be no safe name."""
    name = f"incident-{incident_id}.tar.gz"
    if not _NAME.fullmatch(name):
        raise ValueError(f"{incident_id!r} cannot be part of a file's name")
    return name


class BundleStore:
    """At most 20 bundles with 20 MB together; the oldest give way. Blocking file access."""

    def __init__(
        self, folder: Path, *, keep: int = KEEP_BUNDLES, keep_bytes: int = KEEP_BYTES
    ) -> None:
        self._folder = folder
        self._keep, self._keep_bytes = keep, keep_bytes
        self._names = frozenset(bundle.name for bundle in self.all())

    def save(self, name: str, content: bytes) -> None:
        """Keep a new bundle, and drop the oldest that are too many. Raises OSError."""
        write_atomically(self._folder / name, content)
        self._prune(name)
        self._names = frozenset(bundle.name for bundle in self.all())

    def all(self) -> list[Bundle]:
        """Every bundle, the newest first."""
        found = []
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                bundle = _seen(path)
                if bundle is not None:
                    found.append(bundle)
        return sorted(found, key=lambda bundle: (bundle.created_ms, bundle.name), reverse=True)

    def read(self, name: str) -> bytes | None:
        """The content of one bundle; None when no bundle has this name. Raises OSError.

        Only what `all` lists is read: a name with a path in it, or a link, is not a bundle.
        """
        path = self._folder / name
        if not _NAME.fullmatch(name) or _seen(path) is None:
            return None
        return path.read_bytes()

    def of_incident(self, incident_id: str) -> str | None:
        """The name of the bundle made for an incident, out of memory."""
        name = f"incident-{incident_id}.tar.gz"
        return name if name in self._names else None

    def _prune(self, newest: str) -> None:
        bundles = sorted(self.all(), key=lambda bundle: bundle.name != newest)
        kept_bytes = 0
        for place, bundle in enumerate(bundles):
            kept_bytes += bundle.size_bytes
            if place > 0 and (place >= self._keep or kept_bytes > self._keep_bytes):
                with contextlib.suppress(OSError):
                    (self._folder / bundle.name).unlink()


def _seen(path: Path) -> Bundle | None:
    """What lies there, if it is a bundle; links are not followed."""
    if not _NAME.fullmatch(path.name):
        return None
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    made_for = _OF_INCIDENT.fullmatch(path.name)
    return Bundle(
        name=path.name,
        size_bytes=status.st_size,
        created_ms=int(status.st_mtime * 1000),
        incident_id=made_for.group(1) if made_for else None,
    )
