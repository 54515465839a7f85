"""What the command's exit codes mean; numbers from sysexits.h where it has a word for the case."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Returned by every subcommand."""

    OK = 0
    UNHEALTHY = 1
    USAGE = 64
    BAD_DATA = 65
    NO_INPUT = 66
    UNAVAILABLE = 69
    CANNOT_CREATE = 73
    TEMPORARY = 75
    NO_PERMISSION = 77
    CONFIG = 78
    INTERRUPTED = 130


MEANING: dict[Exit, str] = {
    Exit.OK: "done; everything is well",
    Exit.UNHEALTHY: "something is unhealthy, or a command did not succeed",
    Exit.USAGE: "the command line is wrong, or what the desktop window said first",
    Exit.BAD_DATA: "the sidecar's answer cannot be understood",
    Exit.NO_INPUT: "no such model, log or file",
    Exit.UNAVAILABLE: "the sidecar is not running, or its port or data folder is taken",
    Exit.CANNOT_CREATE: "the data folder cannot be written",
    Exit.TEMPORARY: "something failed that may work the next time",
    Exit.NO_PERMISSION: "the system does not allow it",
    Exit.CONFIG: "the configuration is wrong",
    Exit.INTERRUPTED: "interrupted with Ctrl-C",
}


def table() -> str:
    """All codes, one per line, for `--help`."""
    lines = [f"  {code.value:>3}  {meaning}" for code, meaning in MEANING.items()]
    return "\n".join(["exit codes:", *lines])
