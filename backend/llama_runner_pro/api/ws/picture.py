"""From snapshots to ticks: numbers for fields, and what changed since the tick before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.frames import Fields, History, WireField
from llama_runner_pro.api.ws.tick import SharedFrame, SharedTick, wanted
from llama_runner_pro.metrics.plain import plain_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.api.frames import Number
    from llama_runner_pro.api.ports import FieldCatalogue, PastSamples, Supervising
    from llama_runner_pro.api.ws.tick import Groups
    from llama_runner_pro.metrics.model import Field, Snapshot


class Picture:
    """What viewers have been told so far. One writer: the hub."""

    def __init__(
        self, catalogue: FieldCatalogue, past: PastSamples, supervisor: Supervising
    ) -> None:
        self._catalogue = catalogue
        self._past = past
        self._supervisor = supervisor
        self._catalogue_version: int | None = None
        self._declared: dict[int, Field] = {}
        self._group_of: dict[int, str] = {}
        self._absent: dict[str, str] = {}
        self.fields_version = 0
        """Rises when fields or the reasons for missing ones change."""
        self.fields = SharedFrame(Fields(fields=[], absent={}))
        self.tick: SharedTick | None = None
        self._values: Mapping[int, Number] = {}
        self._refresh(self._absent)

    def advance(self, snapshot: Snapshot, at_s: float) -> SharedTick:
        """Take in a snapshot; returns the tick that it makes."""
        self._refresh(snapshot.absent)
        before = self._values
        values = {key: snapshot.values.get(field.name) for key, field in self._declared.items()}
        missing = object()
        changed = {key: value for key, value in values.items() if before.get(key, missing) != value}
        supervisor = self._supervisor
        self._values = values
        self.tick = SharedTick(
            seq=snapshot.seq,
            previous_seq=self.tick.seq if self.tick else 0,
            t_ms=snapshot.wall_ms,
            at_s=at_s,
            fields_version=self.fields_version,
            values=values,
            changed=changed,
            group_of=self._group_of,
            plain=lambda: plain_message(snapshot, supervisor.targets()),
        )
        return self.tick

    def _refresh(self, absent: Mapping[str, str]) -> None:
        version = self._catalogue.version
        if version == self._catalogue_version and dict(absent) == self._absent:
            return
        self._catalogue_version = version
        self._absent = dict(absent)
        self._declared = dict(self._catalogue.fields())
        self._group_of = {key: field.group for key, field in self._declared.items()}
        self.fields_version += 1
        self.fields = SharedFrame(Fields(fields=self.wire_fields(), absent=self.absent))

    @property
    def absent(self) -> dict[str, str]:
        """Field or group → why there is no value."""
        return dict(self._absent)

    def wire_fields(self) -> list[WireField]:
        """The catalogue as it travels."""
        return [
            WireField(
                id=key,
                name=field.name,
                unit=field.unit,
                label=field.label,
                group=field.group,
                kind=field.kind,
            )
            for key, field in self._declared.items()
        ]

    def history(self, since_ms: int, groups: Groups | None) -> History:
        """Samples after `since_ms`, for the fields that exist now."""
        times, columns = self._past.since(since_ms)
        return History(
            t_ms=times,
            columns={
                key: columns[field.name]
                for key, field in self._declared.items()
                if field.name in columns and wanted(field.group, groups)
            },
        )
