"""What happens to endpoints, as marks on the axis of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.ranges import HistoryMark
from llama_runner_pro.supervision.events import EndpointChanged, EndpointRemoved, IncidentChanged

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import EndpointView, Incident
    from llama_runner_pro.metrics.ranges import MarkKind
    from llama_runner_pro.supervision.events import SupervisionEvent

_UP = frozenset({State.ONLINE, State.DEGRADED})
_COMING = frozenset({State.STOPPED, State.STARTING, State.LOADING})


class Marks:
    """Remembers how each endpoint was, and tells what became of it. Pure but for that."""

    def __init__(self) -> None:
        self._seen: dict[str, EndpointView] = {}
        self._told: set[str] = set()

    def of(self, news: SupervisionEvent) -> HistoryMark | None:
        """The mark for this piece of news; None when it is none worth one."""
        if isinstance(news, EndpointChanged):
            before, self._seen[news.view.name] = self._seen.get(news.view.name), news.view
            return None if before is None else _change(before, news.view)
        if isinstance(news, EndpointRemoved):
            self._seen.pop(news.name, None)
        elif isinstance(news, IncidentChanged):
            return self._repair(news.incident)
        return None

    def _repair(self, incident: Incident) -> HistoryMark | None:
        if incident.closed_ms is None:
            self._told.discard(incident.id)
            return None
        if incident.outcome != "healed" or incident.id in self._told:
            return None
        self._told = {incident.id}
        took_s = (incident.closed_ms - incident.opened_ms) / 1000
        words = f"{incident.endpoint} was repaired in {took_s:.1f} s"
        return HistoryMark(incident.closed_ms, "healed", incident.endpoint, words, incident.id)


def _change(before: EndpointView, after: EndpointView) -> HistoryMark | None:
    if after.restart_count > before.restart_count:
        return _mark(after, "restart", "was started again")
    if after.state is before.state:
        return None
    if after.state is State.FAILED:
        return _mark(after, "failed", f"gave up: {after.reason}" if after.reason else "gave up")
    if after.state is State.OFFLINE:
        return _mark(after, "offline", "stopped answering")
    if after.state is State.ONLINE and before.state is State.OFFLINE:
        return _mark(after, "online", "answers again")
    if after.state in _UP and before.state in _COMING and after.restart_count == 0:
        return _mark(after, "load", "is ready")
    if after.state is State.STOPPED and before.state in {*_UP, State.STOPPING}:
        return _mark(after, "unload", "was stopped")
    return None


def _mark(view: EndpointView, kind: MarkKind, words: str) -> HistoryMark:
    return HistoryMark(view.since_ms, kind, view.name, f"{view.name} {words}", view.incident_id)
