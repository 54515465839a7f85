"""What happens to endpoints and breakers, as marks on the axis of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.ranges import HistoryMark
from llama_runner_pro.supervision.events import EndpointChanged, EndpointRemoved, IncidentChanged

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import EndpointView, Incident
    from llama_runner_pro.endpoints.traffic import BreakerView
    from llama_runner_pro.metrics.ranges import MarkKind
    from llama_runner_pro.supervision.events import SupervisionEvent

_UP = frozenset({State.ONLINE, State.DEGRADED})
_COMING = frozenset({State.STOPPED, State.STARTING, State.LOADING})
_SETTLED = _UP | {State.STOPPED, State.FAILED}


class Marks:
    """Remembers how each endpoint was, and tells what became of it. Pure but for that."""

    def __init__(self) -> None:
        self._seen: dict[str, EndpointView] = {}
        self._told: set[str] = set()
        self._restarting: set[str] = set()
        """Their restart has its mark, and they are not up yet."""
        self._open: set[tuple[str, str]] = set()
        """Breakers, by endpoint and model, whose opening has its mark."""

    def of(self, news: SupervisionEvent) -> HistoryMark | None:
        """The mark for this piece of news; None when it is none worth one."""
        if isinstance(news, EndpointChanged):
            before, self._seen[news.view.name] = self._seen.get(news.view.name), news.view
            return None if before is None else self._change(before, news.view)
        if isinstance(news, EndpointRemoved):
            self._forget(news.name)
        elif isinstance(news, IncidentChanged):
            return self._repair(news.incident)
        return None

    def of_breaker(self, view: BreakerView) -> HistoryMark | None:
        """The mark for a breaker that opened or closed; its trials in between have none."""
        key, where = (view.endpoint, view.model), f"the breaker of {view.model} on {view.endpoint}"
        if view.state == "open" and key not in self._open:
            self._open.add(key)
            why = "by hand" if view.forced else view.reason
            words = f"{where} opened: {why}" if why else f"{where} opened"
            return HistoryMark(view.since_ms, "breaker_open", view.endpoint, words)
        if view.state == "closed" and key in self._open:
            self._open.discard(key)
            return HistoryMark(view.since_ms, "breaker_closed", view.endpoint, f"{where} closed")
        return None

    def _forget(self, name: str) -> None:
        self._seen.pop(name, None)
        self._restarting.discard(name)
        self._open = {key for key in self._open if key[0] != name}

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

    def _change(self, before: EndpointView, after: EndpointView) -> HistoryMark | None:
        if after.restart_count > before.restart_count:
            self._restarting.add(after.name)
            return _mark(after, "restart", "was started again")
        if after.state is before.state:
            return None
        restarted = after.name in self._restarting
        if after.state in _SETTLED:
            self._restarting.discard(after.name)
        return _turn(before, after, restarted=restarted)


def _turn(before: EndpointView, after: EndpointView, *, restarted: bool) -> HistoryMark | None:
    if after.state is State.FAILED:
        return _mark(after, "failed", f"gave up: {after.reason}" if after.reason else "gave up")
    if after.state is State.OFFLINE:
        return _mark(after, "offline", "stopped answering")
    if after.state is State.ONLINE and before.state is State.OFFLINE:
        return _mark(after, "online", "answers again")
    if after.state in _UP and before.state in _COMING and not restarted:
        return _mark(after, "load", "is ready")
    if after.state is State.STOPPED and before.state in {*_UP, State.STOPPING}:
        return _mark(
            after, "unload", f"was stopped: {after.reason}" if after.reason else "was stopped"
        )
    return None


def _mark(view: EndpointView, kind: MarkKind, words: str) -> HistoryMark:
    return HistoryMark(view.since_ms, kind, view.name, f"{view.name} {words}", view.incident_id)
