"""Understands as much of a Dockerfile as ours uses; anything else is an error, never passed over.

Instructions and .dockerignore as in Docker's reference documentation.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pipeline.job import JobFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

_FROM = re.compile(r"(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)
_OPTION = re.compile(r"--(?P<name>[a-z-]+)=(?P<value>\S+)\s+")
_KNOWN = frozenset(
    {
        *("FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE"),
        *("STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }
)


@dataclass(frozen=True)
class Instruction:
    """One instruction, its lines joined."""

    name: str
    text: str
    line: int

    @property
    def words(self) -> list[str]:
        """The text as words, also of the JSON form."""
        if self.text.startswith("["):
            listed: list[str] = json.loads(self.text)
            return listed
        return shlex.split(self.text)

    def options(self) -> tuple[dict[str, str], str]:
        """`--name=value` in front, and the rest."""
        found, rest = {}, self.text
        while option := _OPTION.match(rest):
            found[option["name"]] = option["value"]
            rest = rest[option.end() :]
        return found, rest


@dataclass
class Stage:
    """From one FROM to the next."""

    image: str
    name: str | None
    instructions: list[Instruction] = field(default_factory=list)


def instructions(text: str) -> list[Instruction]:
    """All of them, in order. Raises JobFailed for one that is not known here."""
    found: list[Instruction] = []
    pending, begun = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#") or (not pending and not line.strip()):
            continue
        begun = begun if pending else number
        if line.endswith("\\"):
            pending += line[:-1] + " "
            continue
        name, _, rest = (pending + line).strip().partition(" ")
        pending = ""
        if name not in _KNOWN:
            raise JobFailed(f"Dockerfile, line {begun}: {name} is not understood here")
        found.append(Instruction(name, rest.strip(), begun))
    if pending:
        raise JobFailed(f"Dockerfile, line {begun}: the last line wants to go on")
    return found


def stages(text: str) -> list[Stage]:
    """The Dockerfile's stages, in order. Raises JobFailed."""
    found: list[Stage] = []
    for one in instructions(text):
        if one.name == "FROM":
            parts = _FROM.fullmatch(one.text)
            if parts is None:
                raise JobFailed(f"Dockerfile, line {one.line}: FROM is not understood here")
            found.append(Stage(parts["image"], parts["name"]))
        elif not found:
            raise JobFailed(f"Dockerfile, line {one.line}: {one.name} before FROM")
        else:
            found[-1].instructions.append(one)
    return found


class Ignored:
    """What .dockerignore keeps out of the build. The last pattern that fits decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        stripped = (line.strip() for line in lines)
        patterns = [line for line in stripped if line and not line.startswith("#")]
        self._rules = [
            (line.removeprefix("!").strip("/"), not line.startswith("!")) for line in patterns
        ]

    def __call__(self, path: str) -> bool:
        """Whether a file, relative to the context, is kept out."""
        parts = path.split("/")
        # A rule for a folder holds for all that is in it.
        heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        out = False
        for pattern, keeps_out in self._rules:
            if any(_fits(pattern, head) for head in heads):
                out = keeps_out
        return out


def _fits(pattern: str, path: str) -> bool:
    if pattern.startswith("**/"):
        inner = pattern.removeprefix("**/")
        parts = path.split("/")
        return any(_fits(inner, "/".join(parts[at:])) for at in range(len(parts)))
    ours, theirs = pattern.split("/"), path.split("/")
    return len(ours) == len(theirs) and all(map(fnmatchcase, theirs, ours))
