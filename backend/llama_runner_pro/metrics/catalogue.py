"""Which fields exist, and the small numbers that stand for them on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.metrics.model import Field


class Catalogue:
    """Declared fields with stable ids. A field that comes back gets the id it had before."""

    def __init__(self) -> None:
        self._fields: dict[str, Field] = {}
        self._ids: dict[str, int] = {}
        self.version = 0
        """Rises with every change, so that readers can tell cheaply whether to look again."""

    def declare(self, fields: Iterable[Field]) -> None:
        """Add fields, or replace those of the same name whose description changed."""
        changed = [field for field in fields if self._fields.get(field.name) != field]
        for field in changed:
            self._fields[field.name] = field
            self._ids.setdefault(field.name, len(self._ids) + 1)
        if changed:
            self.version += 1

    def retire(self, prefix: str) -> None:
        """Drop every field whose name starts with `prefix`; their ids stay reserved."""
        gone = [name for name in self._fields if name.startswith(prefix)]
        for name in gone:
            del self._fields[name]
        if gone:
            self.version += 1

    def drop(self, names: Iterable[str]) -> None:
        """Drop exactly these fields; their ids stay reserved."""
        gone = [name for name in names if self._fields.pop(name, None) is not None]
        if gone:
            self.version += 1

    def fields(self) -> list[tuple[int, Field]]:
        """All declared fields with their ids, in order of declaration."""
        return [(self._ids[name], field) for name, field in self._fields.items()]

    def names(self) -> Iterable[str]:
        """Names of all declared fields, in order of declaration."""
        return self._fields.keys()

    def field(self, name: str) -> Field | None:
        """The declared field of this name."""
        return self._fields.get(name)

    def id_of(self, name: str) -> int | None:
        """The id of a declared field; None when there is no such field now."""
        return self._ids[name] if name in self._fields else None
