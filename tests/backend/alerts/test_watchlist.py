"""What endpoints, faults and samples mean for alarms."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.supervisor import view
from msgspec.structs import replace

from llama_runner_pro.alerts.watches import Change, Ended, Raised
from llama_runner_pro.alerts.watchlist import Watchlist
from llama_runner_pro.config.alerts import AlertsSpec, FailedRule, FlappingRule
from llama_runner_pro.endpoints.ports import Incident
from llama_runner_pro.endpoints.states import State

SPEC = AlertsSpec(
    endpoint_failed=FailedRule(offline_for_s=30, clear_for_s=10),
    endpoint_flapping=FlappingRule(incidents=3, window_s=600, clear_for_s=300),
)


def incident(number: int, name: str = "demo", **more: Any) -> Incident:
    """A fault that is being repaired."""
    known = {"cause": "exit", "summary": "killed by SIGKILL", "opened_ms": 1, **more}
    return Incident(id=f"inc-{number}", endpoint=name, **known)


def told(changes: list[Change]) -> list[tuple[str, str, str]]:
    """What happened: raised or how it ended, rule, subject."""
    return [("raised" if isinstance(one, Raised) else one.resolution, *one.key) for one in changes]


def test_an_endpoint_that_gave_up_is_an_alarm_at_once() -> None:
    changes = Watchlist(SPEC, {}).endpoint(view("demo", State.FAILED, incident_id="inc-1"), 5)
    assert told(changes) == [("raised", "endpoint_failed", "demo")]
    assert isinstance(changes[0], Raised)
    assert changes[0].seen.severity == "critical"
    assert changes[0].seen.endpoint == "demo"
    assert changes[0].seen.incident_id == "inc-1"


def test_an_alarm_leads_to_the_repair_that_was_given_up() -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.fault(incident(7, cause="manual"), 0)
    (change,) = watchlist.endpoint(view("demo", State.FAILED), 5)
    assert isinstance(change, Raised)
    assert change.seen.incident_id == "inc-7"


def test_silence_of_one_that_we_cannot_start_counts_after_a_while() -> None:
    watchlist = Watchlist(SPEC, {})
    assert watchlist.endpoint(view("demo", State.OFFLINE), 0) == []
    assert watchlist.due_s() == 30
    assert told(watchlist.review(30)) == [("raised", "endpoint_failed", "demo")]


def test_a_short_silence_is_no_alarm() -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.endpoint(view("demo", State.OFFLINE), 0)
    watchlist.endpoint(view("demo", State.ONLINE), 20)
    assert watchlist.due_s() is None
    assert watchlist.review(100) == []


@pytest.mark.parametrize(
    "state", [State.HEALING, State.BACKOFF, State.STARTING, State.LOADING, State.STOPPING]
)
def test_a_repair_under_way_neither_raises_nor_ends_an_alarm(state: State) -> None:
    watchlist = Watchlist(SPEC, {})
    assert watchlist.endpoint(view("demo", state), 0) == []
    assert watchlist.review(1000) == []
    watchlist.endpoint(view("demo", State.FAILED), 1000)
    assert watchlist.endpoint(view("demo", state), 1001) == []
    assert watchlist.review(2000) == []


@pytest.mark.parametrize("state", [State.ONLINE, State.DEGRADED])
def test_one_that_serves_long_enough_has_recovered(state: State) -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.endpoint(view("demo", State.FAILED), 0)
    assert watchlist.endpoint(view("demo", state), 100) == []
    assert watchlist.due_s() == 110
    assert told(watchlist.review(110)) == [("recovered", "endpoint_failed", "demo")]


@pytest.mark.parametrize("state", [State.STOPPED, State.DISABLED])
def test_one_that_was_stopped_has_not_recovered(state: State) -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.endpoint(view("demo", State.FAILED), 0)
    watchlist.endpoint(view("demo", state), 100)
    assert told(watchlist.review(110)) == [("withdrawn", "endpoint_failed", "demo")]


def test_a_parents_outage_raises_no_alarm_for_its_children() -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.endpoint(view("parent"), 0)
    watchlist.endpoint(view("child", depends_on=("parent",)), 0)
    watchlist.endpoint(view("grandchild", depends_on=("child",)), 0)
    parent = watchlist.endpoint(view("parent", State.FAILED), 10)
    child = watchlist.endpoint(view("child", State.FAILED, depends_on=("parent",)), 11)
    grandchild = watchlist.endpoint(view("grandchild", State.OFFLINE, depends_on=("child",)), 12)
    assert told(parent) == [("raised", "endpoint_failed", "parent")]
    assert child == grandchild == watchlist.review(1000) == []


def test_a_child_that_stays_down_after_its_parent_came_back_is_an_alarm() -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.endpoint(view("parent", State.FAILED), 0)
    watchlist.endpoint(view("child", State.FAILED, depends_on=("parent",)), 1)
    changes = watchlist.endpoint(view("parent", State.ONLINE), 100)
    assert told(changes) == [("raised", "endpoint_failed", "child")]


def test_an_endpoint_that_says_that_it_waits_is_no_alarm() -> None:
    watchlist = Watchlist(SPEC, {})
    waiting = view("child", State.FAILED, depends_on=("parent",), waiting_for="parent")
    assert watchlist.endpoint(waiting, 0) == []
    assert told(watchlist.endpoint(replace(waiting, waiting_for=None), 1)) == [
        ("raised", "endpoint_failed", "child")
    ]


def test_several_faults_in_a_short_time_are_flapping() -> None:
    watchlist = Watchlist(SPEC, {})
    assert watchlist.fault(incident(1), 0) == []
    assert watchlist.fault(incident(2), 100) == []
    changes = watchlist.fault(incident(3), 200)
    assert told(changes) == [("raised", "endpoint_flapping", "demo")]
    assert isinstance(changes[0], Raised)
    assert "3 faults" in changes[0].seen.alarm.message
    assert "killed by SIGKILL" in changes[0].seen.alarm.message


def test_flapping_ends_when_no_fault_comes_for_a_while() -> None:
    watchlist = Watchlist(SPEC, {})
    for number in range(3):
        watchlist.fault(incident(number), number * 10)
    watchlist.fault(incident(4), 100)
    assert watchlist.due_s() == 400
    assert watchlist.review(399) == []
    assert told(watchlist.review(400)) == [("recovered", "endpoint_flapping", "demo")]


def test_a_fault_counts_once_however_often_its_incident_changes() -> None:
    watchlist = Watchlist(SPEC, {})
    for at_s in range(5):
        assert watchlist.fault(incident(1), at_s) == []
    assert watchlist.fault(incident(2, closed_ms=2), 6) == []


@pytest.mark.parametrize("cause", ["manual", "emergency"])
def test_what_somebody_asked_for_is_no_fault(cause: str) -> None:
    watchlist = Watchlist(SPEC, {})
    for number in range(5):
        assert watchlist.fault(incident(number, cause=cause), number) == []


def test_faults_that_follow_from_a_parents_outage_do_not_count() -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.endpoint(view("parent", State.HEALING), 0)
    watchlist.endpoint(view("child", State.HEALING, depends_on=("parent",)), 0)
    for number in range(5):
        assert watchlist.fault(incident(number, "child"), number) == []


def test_samples_raise_and_end_alarms() -> None:
    watchlist = Watchlist(SPEC, {})
    full, free = {"memory_usage_pct": 97.0}, {"memory_usage_pct": 50.0}
    seen = [watchlist.sample(full, at_s) for at_s in (0, 59, 60, 70)]
    assert [told(one) for one in seen] == [
        [],
        [],
        [("raised", "system_memory", "machine")],
        [],
    ]
    assert watchlist.sample(free, 80) == []
    assert told(watchlist.sample(free, 140)) == [("recovered", "system_memory", "machine")]


def test_one_sample_says_nothing_about_the_time_until_the_next() -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.sample({"memory_usage_pct": 97.0}, 0)
    assert watchlist.due_s() is None


def test_a_value_that_stays_missing_ends_its_alarm_without_good_news() -> None:
    watchlist = Watchlist(SPEC, {})
    for at_s in (0, 60):
        watchlist.sample({"memory_usage_pct": 97.0}, at_s)
    assert watchlist.sample({"memory_usage_pct": None}, 70) == []
    assert watchlist.sample({"memory_usage_pct": 97.0}, 80) == []
    for at_s in (90, 149):
        assert watchlist.sample({}, at_s) == []
    assert told(watchlist.sample({}, 150)) == [("withdrawn", "system_memory", "machine")]


def test_memory_of_a_process_is_held_against_its_endpoints_limit() -> None:
    watchlist = Watchlist(SPEC, {"demo": 1000})
    watchlist.endpoint(view("demo"), 0)
    values = {"endpoint/demo/rss_bytes": 1001}
    assert watchlist.sample(values, 0) == []
    assert told(watchlist.sample(values, 30)) == [("raised", "process_memory", "demo")]


def test_alarms_from_before_a_restart_go_on_silently_until_they_end() -> None:
    watchlist = Watchlist(SPEC, {}, [("endpoint_failed", "demo"), ("endpoint_flapping", "demo")])
    assert watchlist.resume(0) == []
    assert watchlist.endpoint(view("demo", State.STOPPED), 0) == []
    assert watchlist.endpoint(view("demo", State.STARTING), 1) == []
    assert watchlist.endpoint(view("demo", State.FAILED), 5) == []
    assert watchlist.endpoint(view("demo", State.ONLINE), 10) == []
    assert told(watchlist.review(20)) == [("recovered", "endpoint_failed", "demo")]
    assert told(watchlist.review(300)) == [("recovered", "endpoint_flapping", "demo")]


def test_alarms_about_endpoints_that_are_gone_end() -> None:
    watchlist = Watchlist(SPEC, {}, [("endpoint_failed", "old"), ("system_memory", "machine")])
    watchlist.endpoint(view("demo", State.FAILED), 0)
    assert told(watchlist.only(["demo"])) == [("withdrawn", "endpoint_failed", "old")]
    assert told(watchlist.gone("demo")) == [("withdrawn", "endpoint_failed", "demo")]


def test_a_rule_that_is_switched_off_ends_its_alarms_and_raises_none() -> None:
    watchlist = Watchlist(SPEC, {})
    watchlist.endpoint(view("demo", State.FAILED), 0)
    off = replace(SPEC, endpoint_failed=FailedRule(enabled=False))
    ended = watchlist.configure(off, {})
    assert [type(one) for one in ended] == [Ended]
    assert told(ended) == [("withdrawn", "endpoint_failed", "demo")]
    assert watchlist.endpoint(view("demo", State.FAILED), 1) == []


def test_with_alerts_switched_off_nothing_is_an_alarm() -> None:
    watchlist = Watchlist(replace(SPEC, enabled=False), {"demo": 1})
    assert watchlist.endpoint(view("demo", State.FAILED), 0) == []
    for at_s in (0, 100):
        assert watchlist.fault(incident(at_s), at_s) == []
        assert watchlist.sample({"memory_usage_pct": 99.0}, at_s) == []
