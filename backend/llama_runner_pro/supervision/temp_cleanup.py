"""Removing what a dead process left behind: stale locks, sockets, pid files.

Only what an endpoint's `temp_paths` name, only files, only those last changed before the dead
process was started, so that nothing goes that anybody has used since. Links are neither followed
nor removed.
"""

from __future__ import annotations

import glob
import logging
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.process.command import Runtime

_log = logging.getLogger(__name__)
_MOST = 1_000
_SHOWN = 3
_REMOVABLE = (stat.S_ISREG, stat.S_ISSOCK, stat.S_ISFIFO)


def temp_patterns(spec: EndpointSpec, runtime: Runtime) -> list[str]:
    """The endpoint's `temp_paths` with `${HOME}` and `~/` written out."""
    written = (path.replace("${HOME}", runtime.home) for path in spec.temp_paths)
    return [
        f"{runtime.home}{path[1:]}" if path.startswith(("~/", "~\\")) else path for path in written
    ]


def clean_up(patterns: Sequence[str], *, older_than_ms: int) -> list[Path]:
    """Remove the files that match and were last changed before `older_than_ms` (wall time).

    A pattern without a fixed folder of its own (`*.lock`, `/*`), or with `..`, removes nothing.
    Returns what was removed; each removal is logged, and so is what could not be. Blocking.
    """
    removed = []
    for path in _candidates(patterns):
        try:
            if not _is_stale(path, older_than_ms):
                continue
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            _log.warning("%s could not be cleaned up: %s", path, error.strerror or error)
            continue
        _log.info("cleaned up %s", path)
        removed.append(path)
    return removed


def in_words(removed: Sequence[Path]) -> str:
    """What was removed, for the recovery log."""
    if not removed:
        return "nothing to clean up"
    more = f" and {len(removed) - _SHOWN} more" if len(removed) > _SHOWN else ""
    return f"removed {', '.join(str(path) for path in removed[:_SHOWN])}{more}"


def _candidates(patterns: Sequence[str]) -> Iterator[Path]:
    left = _MOST
    for pattern in patterns:
        folder = _fixed_folder(pattern)
        if folder is None:
            _log.warning(
                "the temp path %s names no folder of its own; nothing is removed there", pattern
            )
            continue
        for match in folder.glob(str(Path(pattern).relative_to(folder))):
            left -= 1
            if left < 0:
                _log.warning("more than %d files match; the rest is left alone", _MOST)
                return
            # A link on the way may lead out of the folder that the user named.
            if match.parent.resolve().is_relative_to(folder.resolve()):
                yield match
            else:
                _log.warning("%s leads out of %s; left alone", match, folder)


def _fixed_folder(pattern: str) -> Path | None:
    """The folder before the first wildcard; None when that is no folder below the root."""
    path = Path(pattern)
    if not path.is_absolute() or ".." in path.parts:
        return None
    folder = path.parent
    while glob.has_magic(str(folder)):
        folder = folder.parent
    return None if folder == Path(folder.anchor) else folder


def _is_stale(path: Path, older_than_ms: int) -> bool:
    found = path.lstat()
    removable = any(kind(found.st_mode) for kind in _REMOVABLE)
    return removable and found.st_mtime * 1000 < older_than_ms
