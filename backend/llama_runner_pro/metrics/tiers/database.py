"""The file: how it is laid out, opened, and set aside when it cannot be used. Blocking."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
_MARK = 0x4C525048
"""`LRPH` in the file's head: it is a history of ours."""
_PAGE_BYTES = 8_192
_BUSY_S = 5.0
_SCHEMA = """
CREATE TABLE series (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL, label TEXT NOT NULL,
  grouped TEXT NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL);
CREATE TABLE layout (id INTEGER PRIMARY KEY, series BLOB NOT NULL UNIQUE);
CREATE TABLE finest (
  t_ms INTEGER PRIMARY KEY, every_ms INTEGER NOT NULL, layout INTEGER NOT NULL,
  content BLOB NOT NULL);
CREATE TABLE tiers (step_ms INTEGER PRIMARY KEY, keep_s INTEGER NOT NULL);
CREATE TABLE sealed (step_ms INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL);
CREATE TABLE windows (
  step_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
  points INTEGER NOT NULL, PRIMARY KEY (step_ms, start_ms)) WITHOUT ROWID;
CREATE TABLE points (
  id INTEGER PRIMARY KEY, step_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL,
  series INTEGER NOT NULL, content BLOB NOT NULL);
CREATE UNIQUE INDEX points_place ON points (step_ms, start_ms, series);
CREATE TABLE marks (
  id INTEGER PRIMARY KEY, t_ms INTEGER NOT NULL, kind TEXT NOT NULL, endpoint TEXT,
  words TEXT NOT NULL, incident_id TEXT);
CREATE INDEX marks_time ON marks (t_ms);
"""
_log = logging.getLogger(__name__)


class Unusable(Exception):
    """The file is not a history that we can read; `str` says why."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The file, made when it is not there. Raises Unusable, sqlite3.Error and OSError.

    Commits survive the end of the process at once, and a power cut up to the last checkpoint.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(
        path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        if damaged(error):
            raise Unusable(str(error)) from error
        raise
    except Unusable:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """The file, for reading beside a writer. Raises sqlite3.Error, Unusable for another file.

    One without a version is not another one: its writer is about to make it, or to refuse it.
    """
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        version = _pragma(connection, "user_version")
    except sqlite3.Error:
        connection.close()
        raise
    if version != VERSION:
        connection.close()
        if version == 0:
            raise sqlite3.OperationalError("the file is still being made")
        raise Unusable("it was made by another version")
    return connection


def damaged(error: sqlite3.Error) -> bool:
    """The content is broken, as opposed to a full disk or a lock."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def set_aside(path: Path, stamp: str) -> str:
    """Give a file that cannot be used another name, which is returned. Raises OSError."""
    name = f"{path.stem}-unusable-{stamp}{path.suffix}"
    path.rename(path.with_name(name))
    for ending in ("-wal", "-shm"):
        # What was not yet in the file itself belongs to it.
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(path.with_name(name + ending))
    return name


def file_bytes(path: Path) -> int:
    """What the history takes on disk, with what waits to be moved into the file."""
    total = 0
    for ending in ("", "-wal"):
        with suppress(OSError):
            total += path.with_name(path.name + ending).stat().st_size
    return total


def _prepare(connection: sqlite3.Connection) -> None:
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables == 0:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        script = f"PRAGMA application_id = {_MARK}; PRAGMA user_version = {VERSION};"
        connection.executescript(f"BEGIN; {_SCHEMA} {script} COMMIT;")
    elif _pragma(connection, "application_id") != _MARK:
        raise Unusable("it is a database of something else")
    elif _pragma(connection, "user_version") != VERSION:
        version = _pragma(connection, "user_version")
        raise Unusable(f"it was made by another version (layout {version}, ours is {VERSION})")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA journal_size_limit = 4000000")
    connection.execute("PRAGMA cache_size = -1000")
    connection.execute("PRAGMA temp_store = MEMORY")
    with closing(connection.execute("PRAGMA quick_check(1)")) as found:
        verdict = found.fetchone()[0]
    if verdict != "ok":
        raise Unusable(verdict)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
