"""From endpoints, faults and samples to conditions: what each means for an alarm."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from llama_runner_pro.alerts import messages
from llama_runner_pro.alerts.gauges import read_gauges
from llama_runner_pro.alerts.rules import Durations, repeated
from llama_runner_pro.alerts.watches import Seen, Watches
from llama_runner_pro.endpoints.states import SERVING, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llama_runner_pro.alerts.ports import Resolution, RuleName
    from llama_runner_pro.alerts.rules import Signal
    from llama_runner_pro.alerts.watches import Change, Key
    from llama_runner_pro.config.alerts import AlertsSpec
    from llama_runner_pro.endpoints.ports import EndpointView, Incident

_REQUESTED = frozenset({"manual", "emergency"})
_REMEMBERED_FAULTS = 100
_NOTHING = messages.Text("", "")
"""Goes with signals that can raise no alarm."""
_OFF_PURPOSE = frozenset({State.STOPPED, State.DISABLED})
_GAUGES: frozenset[RuleName] = frozenset(
    {"process_memory", "system_memory", "gpu_memory", "endpoint_gpu_memory", "gpu_temperature"}
)


class Watchlist:
    """Knows the endpoints and their latest faults. One writer; monotonic times come from outside.

    `active` are alarms that held when the sidecar ended: they are not raised again, and they end
    when their condition does.
    """

    def __init__(
        self, spec: AlertsSpec, limits: Mapping[str, int], active: Iterable[Key] = ()
    ) -> None:
        self._spec = spec
        self._limits_bytes = dict(limits)
        self._watches = Watches(active)
        self._views: dict[str, EndpointView] = {}
        self._dependents: set[str] = set()
        """Names of endpoints that depend on others."""
        self._faults_s: dict[str, deque[float]] = {}
        self._newest: dict[str, str] = {}
        """Endpoint → its newest incident."""

    def due_s(self) -> float | None:
        """When `review` should be called next; None when only news can change anything."""
        return self._watches.due_s()

    def review(self, now_s: float) -> list[Change]:
        """Let time work on what lasts."""
        return self._watches.review(now_s)

    def configure(self, spec: AlertsSpec, limits: Mapping[str, int]) -> list[Change]:
        """Work by other rules from now on; alarms of rules that were switched off end."""
        self._spec = spec
        self._limits_bytes = dict(limits)
        return [
            change
            for key in self._watches
            if not self._on(key[0])
            for change in self._watches.withdraw(key, "This alarm was switched off.")
        ]

    def only(self, names: Iterable[str]) -> list[Change]:
        """These endpoints exist: alarms about others end."""
        known = {*self._views, *(subject for rule, subject in self._watches if _is_local(rule))}
        return [change for name in known - {*names} for change in self.gone(name)]

    def gone(self, name: str) -> list[Change]:
        """An endpoint left the configuration."""
        self._views.pop(name, None)
        self._dependents.discard(name)
        self._faults_s.pop(name, None)
        self._newest.pop(name, None)
        keys = [key for key in self._watches if key[1] == name and _is_local(key[0])]
        text = "It is not watched any more."
        return [change for key in keys for change in self._watches.withdraw(key, text)]

    def endpoint(self, view: EndpointView, now_s: float) -> list[Change]:
        """An endpoint is in this state now. What waits for it is looked at again."""
        before = self._views.get(view.name)
        self._views[view.name] = view
        if view.depends_on:
            self._dependents.add(view.name)
        else:
            self._dependents.discard(view.name)
        changes = self._judge(view, now_s)
        if before is None or (before.state in SERVING) != (view.state in SERVING):
            for name in self._dependents - {view.name}:
                changes += self._judge(self._views[name], now_s)
        return changes

    def _judge(self, view: EndpointView, now_s: float) -> list[Change]:
        if not self._on("endpoint_failed"):
            return []
        rule = self._spec.endpoint_failed
        for_s = 0.0 if view.state is State.FAILED else rule.offline_for_s
        end, resolution = _how_it_ended(view)
        seen = Seen(
            signal=self._state_signal(view),
            durations=Durations(for_s, rule.clear_for_s),
            severity="critical",
            alarm=messages.endpoint_down(view),
            end=end,
            resolution=resolution,
            endpoint=view.name,
            # A repair that was given up is closed, and the view then names none.
            incident_id=view.incident_id or self._newest.get(view.name),
        )
        return self._watches.feed(("endpoint_failed", view.name), seen, now_s)

    def _state_signal(self, view: EndpointView) -> Signal:
        if view.state in SERVING or view.state in _OFF_PURPOSE:
            return "cool"
        if view.state in (State.FAILED, State.OFFLINE) and not self._waits_for_parent(view):
            return "hot"
        return "between"

    def _waits_for_parent(self, view: EndpointView) -> bool:
        """Something that it depends on, directly or not, is down: that is the news, not this."""
        if view.waiting_for is not None:
            return True
        reached = {view.name}
        ahead = list(view.depends_on)
        while ahead:
            parent = self._views.get(ahead.pop())
            if parent is None or parent.name in reached:
                continue
            if parent.state not in SERVING:
                return True
            reached.add(parent.name)
            ahead += parent.depends_on
        return False

    def fault(self, incident: Incident, now_s: float) -> list[Change]:
        """An incident was opened or went on. Each counts once, and none that was asked for."""
        name = incident.endpoint
        if incident.closed_ms is not None or self._newest.get(name) == incident.id:
            return []
        self._newest[name] = incident.id
        if incident.cause in _REQUESTED or not self._on("endpoint_flapping"):
            return []
        view = self._views.get(name)
        if view is not None and self._waits_for_parent(view):
            return []
        rule = self._spec.endpoint_flapping
        faults_s = self._faults_s.setdefault(name, deque(maxlen=_REMEMBERED_FAULTS))
        faults_s.append(now_s)
        signal = repeated(faults_s, now_s, count=rule.incidents, window_s=rule.window_s)
        count = sum(at_s > now_s - rule.window_s for at_s in faults_s)
        alarm = messages.flapping(name, count, rule.window_s, incident.summary)
        # Every fault starts the wait for its end anew.
        turned = self._fault_seen(name, "hot" if signal == "hot" else "between", alarm, incident.id)
        return [
            *self._watches.feed(("endpoint_flapping", name), turned, now_s),
            *self._settle(name, alarm, now_s),
        ]

    def _settle(self, name: str, alarm: messages.Text, now_s: float) -> list[Change]:
        seen = self._fault_seen(name, "cool", alarm, None)
        return self._watches.feed(("endpoint_flapping", name), seen, now_s)

    def _fault_seen(
        self, name: str, signal: Signal, alarm: messages.Text, incident_id: str | None
    ) -> Seen:
        clear_for_s = self._spec.endpoint_flapping.clear_for_s
        return Seen(
            signal=signal,
            durations=Durations(0.0, clear_for_s),
            severity="warning",
            alarm=alarm,
            end=f"No further fault for {messages.duration(clear_for_s)}.",
            endpoint=name,
            incident_id=incident_id,
        )

    def sample(self, values: Mapping[str, float | int | None], now_s: float) -> list[Change]:
        """A sample was taken. A value that stays missing ends its alarm: nobody knows any more."""
        if not self._spec.enabled:
            return []
        changes: list[Change] = []
        found = dict(read_gauges(self._spec, self._limits_bytes, self._views, values))
        for key, seen in found.items():
            changes += self._watches.feed(key, seen, now_s)
        for key in self._watches:
            if key[0] in _GAUGES and key not in found:
                changes += self._watches.feed(key, self._unmeasured(key[0]), now_s)
        return changes

    def _unmeasured(self, rule: RuleName) -> Seen:
        clear_for_s: float = getattr(self._spec, rule).clear_for_s
        return Seen(
            signal="cool",
            durations=Durations(0.0, clear_for_s),
            severity="info",
            alarm=_NOTHING,
            end="It is not measured any more.",
            resolution="withdrawn",
            holds=False,
        )

    def resume(self, now_s: float) -> list[Change]:
        """Begin to wait for the end of faults that were alarms before a restart."""
        names = [subject for rule, subject in self._watches if rule == "endpoint_flapping"]
        return [change for name in names for change in self._settle(name, _NOTHING, now_s)]

    def _on(self, rule: RuleName) -> bool:
        if not self._spec.enabled:
            return False
        on: bool = getattr(self._spec, rule).enabled
        return on


def _is_local(rule: RuleName) -> bool:
    """It is about an endpoint."""
    return rule in (
        *("endpoint_failed", "endpoint_flapping"),
        *("process_memory", "endpoint_gpu_memory"),
    )


def _how_it_ended(view: EndpointView) -> tuple[str, Resolution]:
    if view.state in SERVING:
        return "It serves again.", "recovered"
    word = "switched off" if view.state is State.DISABLED else "stopped"
    return f"It was {word}.", "withdrawn"
