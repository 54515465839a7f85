"""The recovery log: every incident with each of its steps, one JSON line per step.

An incident is on disk (fsync) before anything is killed for it, so that the log explains even a
repair during which the machine went down.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections import OrderedDict
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.ports import Cause, Evidence, Incident, IncidentStep, Outcome
from llama_runner_pro.supervision.line_file import LineFile, OnDisk, end_last_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock

_log = logging.getLogger(__name__)
_RETRY_S = 2.0
_KEPT = 200
_READ_BACK_BYTES = 1_000_000


class RotationLimits(ValueObject, frozen=True):
    """When the log file is turned over, and how many old ones stay."""

    bytes_each: int = 5_000_000
    files: int = 3


class RecoveryLog:
    """Keeps the newest 200 incidents in memory and all of them, rotated, in a file.

    Use from the event loop only. `changed` is called with every new version of an incident.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        changed: Callable[[Incident], None],
        limits: RotationLimits | None = None,
    ) -> None:
        limits = limits or RotationLimits()
        self._clock = clock
        self._changed = changed
        self._incidents: OrderedDict[str, Incident] = OrderedDict()
        self._opened_s: dict[str, float] = {}
        self._step_began_s: dict[str, float] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for written in (path.with_name(f"{path.name}.1"), path):
            self._read_back(written)
        end_last_line(path)
        self._file = LineFile(path, max_bytes=limits.bytes_each, files=limits.files)
        self._on_disk = OnDisk(clock)
        self._left_open = self._find_left_open()

    def recent(self, limit: int = 50, endpoint: str | None = None) -> list[Incident]:
        """The newest incidents first; open ones are always among the kept ones."""
        chosen = [
            incident
            for incident in reversed(self._incidents.values())
            if endpoint is None or incident.endpoint == endpoint
        ]
        return chosen[:limit]

    def get(self, incident_id: str) -> Incident | None:
        """One incident, or None when it is unknown or too old to be kept in memory."""
        return self._incidents.get(incident_id)

    async def open(
        self,
        endpoint: str,
        cause: Cause,
        summary: str,
        evidence: Evidence,
        *,
        detected_ms: int,
        evidence_ms: float,
    ) -> str:
        """Write a new incident and wait until it is safely on disk. Returns its id.

        A full or broken disk, or one that hangs for 3 s, is reported in the monitor's log; the
        repair goes on all the same.
        """
        stamp = datetime.fromtimestamp(detected_ms / 1000, UTC).strftime("%Y%m%dT%H%M%S")
        incident_id = f"{stamp}-{secrets.token_hex(3)}"
        detected = IncidentStep(step="detected", t_ms=detected_ms, ok=True, detail=summary)
        gathered = IncidentStep(step="evidence", t_ms=detected_ms, ok=True, duration_ms=evidence_ms)
        incident = Incident(
            id=incident_id,
            endpoint=endpoint,
            cause=cause,
            summary=summary,
            opened_ms=detected_ms,
            steps=(detected, gathered),
            evidence=evidence,
        )
        self._opened_s[incident_id] = self._clock.monotonic()
        self._write(
            "opened",
            incident,
            detected_ms=detected_ms,
            cause=cause,
            summary=summary,
            evidence_ms=evidence_ms,
            evidence=msgspec.to_builtins(evidence),
        )
        await self._on_disk.reached(self._file)
        self._keep(incident)
        return incident_id

    def inherit(self, endpoint: str) -> str | None:
        """The incident of that endpoint that an earlier sidecar could not close; told once."""
        return self._left_open.pop(endpoint, None)

    def abandon_left_open(self) -> None:
        """Close what nobody inherited."""
        for incident_id in self._left_open.values():
            self.close(incident_id, "failed", "its endpoint is not configured any more")
        self._left_open.clear()

    def running_step(self, incident_id: str) -> IncidentStep | None:
        """The step that runs now, or None between steps."""
        last = self._incidents[incident_id].steps[-1]
        return last if last.ok is None else None

    def begin_step(self, incident_id: str, step: str, detail: str = "") -> None:
        """Note that a step runs now; the one before it, if still running, was a success.

        No effect when that very step runs already.
        """
        running = self.running_step(incident_id)
        if running is not None and running.step == step:
            return
        self.end_step(incident_id, ok=True)
        incident = self._incidents[incident_id]
        self._step_began_s[incident_id] = self._clock.monotonic()
        started = IncidentStep(step=step, t_ms=self._clock.wall_ms(), ok=None, detail=detail)
        self._keep(msgspec.structs.replace(incident, steps=(*incident.steps, started)))

    def end_step(self, incident_id: str, *, ok: bool, detail: str = "") -> None:
        """Note how the running step ended; no effect when none runs."""
        incident = self._incidents[incident_id]
        last = incident.steps[-1]
        if last.ok is not None:
            return
        ended = msgspec.structs.replace(
            last,
            ok=ok,
            duration_ms=self._ms_since(self._step_began_s.pop(incident_id)),
            detail=detail or last.detail,
        )
        self._write("step", incident, **msgspec.to_builtins(ended))
        self._keep(msgspec.structs.replace(incident, steps=(*incident.steps[:-1], ended)))

    def close(self, incident_id: str, outcome: Outcome, detail: str) -> None:
        """The repair is over."""
        self.end_step(incident_id, ok=outcome != "failed", detail="")
        incident = self._incidents[incident_id]
        now_ms = self._clock.wall_ms()
        began_s = self._opened_s.pop(incident_id, None)
        # One that an earlier sidecar opened is known by the wall clock alone.
        took_ms = float(now_ms - incident.opened_ms) if began_s is None else self._ms_since(began_s)
        last = IncidentStep(step="close", t_ms=now_ms, ok=outcome != "failed", detail=detail)
        closed = msgspec.structs.replace(
            incident,
            closed_ms=now_ms,
            outcome=outcome,
            duration_ms=took_ms,
            steps=(*incident.steps, last),
        )
        self._write("closed", closed, outcome=outcome, duration_ms=took_ms, detail=detail)
        self._keep(closed)

    async def keep_written(self) -> None:
        """Write, every 2 s, what a full disk refused; runs until cancelled."""
        while True:
            await self._clock.sleep(_RETRY_S)
            self._file.try_again()

    def shut(self) -> None:
        """Close the file; nothing may be written afterwards."""
        self._file.close()

    def _keep(self, incident: Incident) -> None:
        self._incidents[incident.id] = incident
        self._forget_oldest()
        self._changed(incident)

    def _forget_oldest(self) -> None:
        """Keep the newest; one that is open is still needed, however old."""
        excess = len(self._incidents) - _KEPT
        if excess > 0:
            closed = (key for key, kept in self._incidents.items() if kept.closed_ms is not None)
            for key in list(islice(closed, excess)):
                del self._incidents[key]

    def _ms_since(self, began_s: float) -> float:
        return round((self._clock.monotonic() - began_s) * 1000, 1)

    def _write(self, event: str, incident: Incident, **more: Any) -> None:
        now_ms = self._clock.wall_ms()
        time = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat("T", "milliseconds")
        line = {"t": time, "t_ms": now_ms, "event": event}
        line |= {"incident": incident.id, "endpoint": incident.endpoint, **more}
        text = msgspec.json.encode(line).decode()
        record = logging.LogRecord("recovery", logging.INFO, "", 0, text, None, None)
        self._file.emit(record)

    def _read_back(self, path: Path) -> None:
        """Recall incidents of earlier runs; damaged lines are passed over."""
        try:
            with path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _READ_BACK_BYTES))
                lines = file.read().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                self._recall(msgspec.json.decode(line))
            except (msgspec.MsgspecError, KeyError, TypeError, AttributeError):
                continue
        self._forget_oldest()

    def _recall(self, line: dict[str, Any]) -> None:
        key = line["incident"]
        if line["event"] == "opened":
            opened_ms, summary = line["detected_ms"], line["summary"]
            seen = {"step": "detected", "t_ms": opened_ms, "ok": True, "detail": summary}
            gathered = {"step": "evidence", "t_ms": opened_ms, "ok": True}
            gathered["duration_ms"] = line["evidence_ms"]
            document = {
                "id": key,
                "opened_ms": opened_ms,
                "steps": [seen, gathered],
                **{name: line[name] for name in ("endpoint", "cause", "summary", "evidence")},
            }
            self._incidents[key] = msgspec.convert(document, Incident)
            return
        incident = self._incidents[key]
        if line["event"] == "step":
            step = msgspec.convert(line, IncidentStep)
            self._incidents[key] = msgspec.structs.replace(incident, steps=(*incident.steps, step))
        elif line["event"] == "closed":
            ok = line["outcome"] != "failed"
            step = IncidentStep(step="close", t_ms=line["t_ms"], ok=ok, detail=line["detail"])
            self._incidents[key] = msgspec.structs.replace(
                incident,
                closed_ms=line["t_ms"],
                outcome=line["outcome"],
                duration_ms=line["duration_ms"],
                steps=(*incident.steps, step),
            )

    def _find_left_open(self) -> dict[str, str]:
        """Endpoint → its newest open incident; older ones will never be gone on with."""
        found: dict[str, str] = {}
        for incident in reversed(list(self._incidents.values())):
            if incident.closed_ms is None and found.setdefault(incident.endpoint, incident.id) != (
                incident.id
            ):
                self.close(incident.id, "failed", "the sidecar ended before this repair was over")
        return found
