"""What happens to endpoints and breakers, on the axis of the history."""

from __future__ import annotations

from fakes.supervisor import T0_MS, view

from llama_runner_pro.endpoints.ports import Incident, Outcome
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.endpoints.traffic import BreakerState, BreakerView
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


def test_a_model_that_crashed_once_is_marked_as_loaded_later_all_the_same() -> None:
    again = [(State.STOPPED, 1), (State.STARTING, 1), (State.LOADING, 1), (State.ONLINE, 1)]
    crash = [(State.ONLINE, 0), (State.HEALING, 1), (State.ONLINE, 1)]
    assert told(*crash, *again) == ["restart", "unload", "load"]


def test_a_restart_by_hand_is_one_mark_and_not_a_load_besides() -> None:
    assert told((State.STOPPING, 0), (State.STARTING, 1), (State.ONLINE, 1)) == ["restart"]


def test_an_unload_says_why() -> None:
    marks = Marks()
    marks.of(EndpointChanged(view("demo", State.STOPPING)))
    mark = marks.of(EndpointChanged(view("demo", State.STOPPED, reason="unused for 5 min")))
    assert mark is not None
    assert mark.text == "demo was stopped: unused for 5 min"


def breaker(state: BreakerState, *, model: str = "small", forced: bool = False) -> BreakerView:
    """One of the endpoint `demo`."""
    return BreakerView(
        endpoint="demo",
        model=model,
        state=state,
        reason="no connection" if state == "open" else None,
        since_ms=T0_MS,
        forced=forced,
    )


def test_a_breaker_is_marked_when_it_opens_and_when_it_closes_not_at_each_trial() -> None:
    marks = Marks()
    states: list[BreakerState] = ["closed", "open", "half_open", "open", "half_open", "closed"]
    found = [mark for state in states if (mark := marks.of_breaker(breaker(state)))]
    assert [(mark.kind, mark.t_ms, mark.endpoint) for mark in found] == [
        ("breaker_open", T0_MS, "demo"),
        ("breaker_closed", T0_MS, "demo"),
    ]
    assert found[0].text == "the breaker of small on demo opened: no connection"
    assert found[1].text == "the breaker of small on demo closed"


def test_a_breaker_opened_by_hand_says_so_and_others_are_marked_on_their_own() -> None:
    marks = Marks()
    first = marks.of_breaker(breaker("open", forced=True))
    assert first is not None
    assert first.text.endswith("opened: by hand")
    assert marks.of_breaker(breaker("open", model="large")) is not None


def test_breakers_of_an_endpoint_that_was_removed_begin_anew() -> None:
    marks = Marks()
    marks.of_breaker(breaker("open"))
    marks.of(EndpointRemoved("demo"))
    assert marks.of_breaker(breaker("closed")) is None
    assert marks.of_breaker(breaker("open")) is not None
