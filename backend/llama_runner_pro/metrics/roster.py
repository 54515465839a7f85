"""Which of many changing names get fields of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNFIT = re.compile(r"[^a-z0-9]+")


class Roster:
    """Gives network interfaces and the like a short key, and keeps their number bounded.

    At most `at_once` names have a key at a time, and at most `ever` while the sidecar runs:
    containers that come and go bring new names all the time, and every field keeps its id. The
    names over these limits have no fields; whoever adds them up still counts them.
    """

    def __init__(self, *, at_once: int, ever: int) -> None:
        self._at_once = at_once
        self._ever = ever
        self._keys: dict[str, str] = {}

    def choose(self, names: Iterable[str]) -> dict[str, str]:
        """Name → key of those that get fields; a name that comes back gets its old key."""
        present = list(names)
        chosen = [name for name in self._keys if name in present][: self._at_once]
        for name in present:
            room = len(chosen) < self._at_once and len(self._keys) < self._ever
            if name not in self._keys and room:
                self._keys[name] = self._key(name)
                chosen.append(name)
        return {name: self._keys[name] for name in chosen}

    def _key(self, name: str) -> str:
        """Letters and digits of the name; two names that look alike get a number."""
        key = base = _UNFIT.sub("_", name.lower()).strip("_") or "unnamed"
        number = 1
        while key in self._keys.values():
            number += 1
            key = f"{base}_{number}"
        return key
