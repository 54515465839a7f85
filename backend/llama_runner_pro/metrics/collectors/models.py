"""What model servers tell about themselves, each in the way of its kind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collector import Lane
    from llama_runner_pro.metrics.collectors.model_watch import ModelWatch
    from llama_runner_pro.metrics.model import Value
    from llama_runner_pro.transport.client import HttpClient


class ModelCollector:
    """Asks every ready endpoint whose kind has a dialect, all at the same time."""

    name = "models"
    lane: Lane = "fast"
    deadline_s = 1.0

    def __init__(
        self,
        dialects: Mapping[str, type[ModelWatch]],
        targets: Callable[[], Sequence[MetricTarget]],
        http: HttpClient,
    ) -> None:
        self._dialects = dialects
        self._targets = targets
        self._http = http
        self._watches: dict[str, ModelWatch] = {}
        self._fields: tuple[Field, ...] = ()
        self._fields_for: tuple[tuple[str, str], ...] = ()

    def fields(self) -> Sequence[Field]:
        """What each endpoint's kind can tell, ready or not."""
        wanted = tuple((target.name, target.kind) for target in self._of_known_kind())
        if wanted != self._fields_for:
            self._fields_for = wanted
            self._fields = tuple(
                Field(f"model/{name}/{part}", unit, label, "model", field_kind)
                for name, kind in wanted
                for part, (unit, label, field_kind) in self._dialects[kind].parts.items()
            )
        return self._fields

    async def collect(self, now_s: float) -> Reading:
        """Ask all servers; one that does not answer only loses its own values."""
        targets = self._of_known_kind()
        for name in self._watches.keys() - {target.name for target in targets}:
            del self._watches[name]
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._ask(target, now_s)) for target in targets]
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for task in asked:
            reading = task.result()
            values.update(reading.values)
            absent.update(reading.absent)
        return Reading(values, absent)

    def _of_known_kind(self) -> list[MetricTarget]:
        return [target for target in self._targets() if target.kind in self._dialects]

    async def _ask(self, target: MetricTarget, now_s: float) -> Reading:
        dialect = self._dialects[target.kind]
        if not target.ready:
            self._watches.pop(target.name, None)
            found: Mapping[str, Value] = {}
            missing: Mapping[str, str] = dict.fromkeys(dialect.parts, "not ready")
        else:
            watch = self._watches.get(target.name)
            if not isinstance(watch, dialect):
                watch = self._watches[target.name] = dialect(self._http)
            found, missing = await watch.ask(target, now_s)
        prefix = f"model/{target.name}"
        return Reading(
            {f"{prefix}/{part}": value for part, value in found.items()},
            {f"{prefix}/{part}": reason for part, reason in missing.items()},
        )
