"""The contract of cheap blocking sensors that share one thread hop per tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.model import Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.model import FieldKind, Reading, Unit

    Parts = Mapping[str, tuple[Unit, str, FieldKind]]
    """Last part of a name → unit, label and kind."""


class Moment(ValueObject, frozen=True):
    """What a sensor may know about the tick: monotonic time and the endpoints of now."""

    now_s: float
    targets: Sequence[MetricTarget] = ()


class Sensor(Protocol):
    """One family of values that the operating system hands out at once.

    `read` runs on a sensor thread, never twice at a time; `fields` runs on the event loop.
    """

    @property
    def name(self) -> str:
        """Short word for logs."""
        ...

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """What can be measured on this machine for these endpoints.

        The same object again means that nothing changed.
        """
        ...

    def read(self, moment: Moment) -> Reading:
        """Measure once. Raises `CollectorError`, `OSError` or `psutil.Error`."""
        ...


class TargetFields:
    """The same fields for every endpoint, declared anew only when the endpoints change."""

    def __init__(self, prefix: str, parts: Parts) -> None:
        self._prefix = prefix
        self._parts = parts
        self._names: tuple[str, ...] = ()
        self._fields: tuple[Field, ...] = ()

    def of(self, targets: Sequence[MetricTarget]) -> tuple[Field, ...]:
        """`prefix/name/part` for each endpoint and part."""
        names = tuple(target.name for target in targets)
        if names != self._names:
            self._names = names
            self._fields = tuple(
                Field(f"{self._prefix}/{name}/{part}", unit, label, self._prefix, kind)
                for name in names
                for part, (unit, label, kind) in self._parts.items()
            )
        return self._fields
