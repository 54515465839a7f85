"""What happens to endpoints, on the axis of the history."""

from __future__ import annotations

from fakes.supervisor import T0_MS, view

from llama_runner_pro.endpoints.ports import Incident, Outcome
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.events import EndpointChanged, EndpointRemoved, IncidentChanged
from llama_runner_pro.wiring.marks import Marks


def told(*states: tuple[State, int]) -> list[str]:
    """Kinds of marks for one endpoint that goes through these states with so many restarts."""
    marks, found = Marks(), []
    for state, restarts in states:
        mark = marks.of(EndpointChanged(view("demo", state, restart_count=restarts)))
        found += [mark.kind] if mark else []
    return found


def incident(outcome: Outcome | None) -> IncidentChanged:
    """One that took two seconds."""
    closed_ms = None if outcome is None else T0_MS + 2_000
    return IncidentChanged(
        Incident(
            id="i1",
            endpoint="demo",
            cause="exit",
            summary="it ended",
            opened_ms=T0_MS,
            closed_ms=closed_ms,
            outcome=outcome,
        )
    )


def test_how_an_endpoint_was_found_is_no_news() -> None:
    assert told((State.ONLINE, 3)) == []


def test_each_turn_has_its_mark() -> None:
    assert told((State.STOPPED, 0), (State.STARTING, 0), (State.ONLINE, 0)) == ["load"]
    assert told((State.ONLINE, 0), (State.OFFLINE, 0), (State.ONLINE, 0)) == ["offline", "online"]
    assert told((State.ONLINE, 0), (State.STOPPING, 0), (State.STOPPED, 0)) == ["unload"]
    assert told((State.ONLINE, 0), (State.HEALING, 0), (State.HEALING, 1)) == ["restart"]
    assert told((State.HEALING, 2), (State.FAILED, 2)) == ["failed"]


def test_a_repair_is_marked_once_with_its_time_and_its_incident() -> None:
    marks = Marks()
    assert marks.of(incident(None)) is None
    mark = marks.of(incident("healed"))
    assert mark is not None
    assert (mark.kind, mark.t_ms, mark.incident_id) == ("healed", T0_MS + 2_000, "i1")
    assert mark.text == "demo was repaired in 2.0 s"
    assert marks.of(incident("healed")) is None


def test_a_repair_that_came_to_nothing_is_told_by_the_endpoint() -> None:
    assert Marks().of(incident("failed")) is None


def test_an_endpoint_that_was_removed_begins_anew() -> None:
    marks = Marks()
    marks.of(EndpointChanged(view("demo", State.ONLINE)))
    marks.of(EndpointRemoved("demo"))
    assert marks.of(EndpointChanged(view("demo", State.FAILED))) is None
