"""Who may ask for what in which state, and what follows: the whole table."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from fakes.situations import COMMANDED, FOREIGN, NOW, OURS, at, waiting, words

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.commands import available, obey, refusal
from llama_runner_pro.supervision.events import CommandName

if TYPE_CHECKING:
    from llama_runner_pro.supervision.condition import Condition, Policy

# What follows for an endpoint of ours: the next state and what is ordered. "-": nothing changes;
# "no": refused. Alive are starting, loading, online, degraded, healing and stopping.
TABLE = """
          | start          | stop           | restart        | heal         | heal_now
disabled  | no             | no             | no             | no           | no
stopped   | stopped: first | -              | stopped: first | no           | no
starting  | no             | stopping: stop | stopping: stop | -            | -
loading   | no             | stopping: stop | stopping: stop | -            | -
online    | no             | stopping: stop | stopping: stop | online: look | -
degraded  | no             | stopping: stop | stopping: stop | degraded: look | healing: now
offline   | starting: spawn | stopped:      | starting: spawn | healing: mend | healing: now
healing   | no             | stopping: stop | stopping: stop | -            | -
backoff   | healing: spawn | stopped: close | healing: spawn | healing: spawn | healing: spawn
failed    | failed: first  | stopped:       | failed: first  | healing: mend | healing: now
stopping  | no             | -              | no             | no           | no
"""
SWITCHES = """
          | enable            | disable          | watch             | unwatch | unload
disabled  | stopped: first    | -                | -                 | - | no
stopped   | -                 | disabled:        | stopped: first    | - | no
starting  | -                 | disabled:        | -                 | - | no
loading   | -                 | disabled:        | -                 | - | no
online    | -                 | disabled:        | -                 | - | stopping: stop
degraded  | -                 | disabled:        | -                 | - | stopping: stop
offline   | -                 | disabled:        | offline: first    | - | no
healing   | -                 | disabled: close  | -                 | - | no
backoff   | -                 | disabled: close  | -                 | stopped: close | no
failed    | -                 | disabled:        | -                 | - | no
stopping  | -                 | stopping:        | -                 | - | no
"""
ORDERS = {
    "first": "probe first",
    "look": "probe verify",
    "stop": "stop",
    "spawn": "spawn",
    "close": "close stopped",
    "mend": "open manual, stop",
    "now": "open emergency, stop",
    "": "",
}


def cells(table: str) -> list[object]:
    heading, *lines = table.strip("\n").splitlines()
    names = [name.strip() for name in heading.split("|")[1:]]
    found = []
    for line in lines:
        state, *expected = (cell.strip() for cell in line.split("|"))
        for name, cell in zip(names, expected, strict=True):
            sentence = f"{name} when {state}: {cell}"
            found.append(pytest.param(State(state), name, cell, id=sentence))
    return found


@pytest.mark.parametrize(("state", "command", "cell"), cells(TABLE) + cells(SWITCHES))
def test_command(state: State, command: CommandName, cell: str) -> None:
    watching = command != "watch"
    before = at(state, watching=watching, wake_at_s=None)
    after = obey(OURS, before, command, NOW)
    assert (refusal(OURS, before, command) is not None) == (cell == "no")
    if cell in ("no", "-"):
        assert after.condition.state is state
        assert not after.actions
        return
    expected, _, order = cell.partition(":")
    assert after.condition.state == expected
    assert words(after) == ORDERS[order.strip()]


def test_the_tables_name_every_command_and_every_state() -> None:
    headings = (TABLE.strip("\n").splitlines()[0], SWITCHES.strip("\n").splitlines()[0])
    named = {name.strip() for heading in headings for name in heading.split("|")[1:]}
    assert named == set(get_args(CommandName))
    for table in (TABLE, SWITCHES):
        assert {line.split("|")[0].strip() for line in table.strip("\n").splitlines()[1:]} == set(
            State
        )


REFUSALS = [
    (FOREIGN, at(State.OFFLINE), "start", "no start command"),
    (FOREIGN, at(State.DEGRADED), "heal", "no start command"),
    (FOREIGN, at(State.ONLINE, alive=False), "stop", "we did not start it"),
    (OURS, at(State.ONLINE, alive=False), "restart", "we did not start it"),
    (OURS, at(State.LOADING, alive=False), "stop", "we did not start it"),
    (OURS, at(State.ONLINE), "start", "already running (online)"),
    (OURS, at(State.DISABLED), "heal", "enable it first"),
    (OURS, at(State.STOPPING), "restart", "being stopped"),
    (OURS, at(State.STOPPED), "heal", "start it instead"),
    (OURS, at(State.ONLINE, alive=False), "unload", "no process of ours"),
]


@pytest.mark.parametrize(("policy", "condition", "command", "why"), REFUSALS)
def test_a_refusal_says_why(
    policy: Policy, condition: Condition, command: CommandName, why: str
) -> None:
    assert why in (refusal(policy, condition, command) or "")
    assert obey(policy, condition, command, NOW).condition is condition


@pytest.mark.parametrize(
    ("policy", "condition", "offered"),
    [
        (OURS, at(State.ONLINE), "disable stop restart heal"),
        (OURS, at(State.STOPPED), "disable start restart"),
        (OURS, at(State.FAILED), "disable start restart heal"),
        (OURS, at(State.BACKOFF), "disable start stop restart heal"),
        (OURS, waiting(State.STARTING, "spawn", alive=False), "disable stop restart heal"),
        (OURS, at(State.STOPPING), "disable"),
        (OURS, at(State.STOPPING, after_stop="disabled"), "enable"),
        (OURS, at(State.DISABLED), "enable"),
        (OURS, at(State.DISABLED, alive=True), "enable stop"),
        (OURS, at(State.ONLINE, alive=False), "disable heal"),
        (COMMANDED, at(State.ONLINE, alive=False), "disable stop restart heal"),
        (FOREIGN, at(State.OFFLINE), "disable"),
    ],
)
def test_only_what_makes_sense_is_offered(
    policy: Policy, condition: Condition, offered: str
) -> None:
    assert " ".join(available(policy, condition)) == offered


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("policy", [OURS, FOREIGN, COMMANDED])
@pytest.mark.parametrize("alive", [True, False])
def test_nothing_is_offered_that_would_be_refused(
    state: State, policy: Policy, alive: bool
) -> None:
    condition = at(state, alive=alive)
    for command in available(policy, condition):
        assert command in get_args(CommandName)
        assert refusal(policy, condition, command) is None  # type: ignore[arg-type]


class TestStop:
    def test_while_it_is_looked_for_nothing_is_started_after_all(self) -> None:
        looking = waiting(State.STOPPED, "first")
        after = obey(OURS, looking, "stop", NOW).condition
        assert (after.wanted, after.pending) == (False, None)
        assert after.token > looking.token

    def test_ends_a_process_that_was_found_before_its_first_look(self) -> None:
        after = obey(OURS, waiting(State.STOPPED, "first", alive=True), "stop", NOW)
        assert (after.condition.state, words(after)) == (State.STOPPING, "stop")

    def test_of_a_disabled_endpoint_leaves_it_disabled(self) -> None:
        after = obey(OURS, at(State.DISABLED, alive=True), "stop", NOW).condition
        assert (after.state, after.after_stop) == (State.STOPPING, "disabled")
        assert obey(OURS, after, "stop", NOW).condition.after_stop == "disabled"

    def test_during_a_restart_leaves_it_stopped(self) -> None:
        restarting = obey(OURS, at(State.ONLINE), "restart", NOW).condition
        after = obey(OURS, restarting, "stop", NOW)
        assert (after.condition.after_stop, after.condition.wanted) == ("stopped", False)
        assert not after.actions

    def test_runs_the_stop_command_of_what_we_did_not_start(self) -> None:
        for state in (State.ONLINE, State.DEGRADED, State.LOADING):
            after = obey(COMMANDED, at(state, alive=False), "stop", NOW)
            assert words(after) == "stop"

    def test_during_a_repairs_own_stop_orders_no_second_one(self) -> None:
        after = obey(OURS, waiting(State.HEALING, "stop", after_stop="heal"), "stop", NOW)
        assert (after.condition.state, after.condition.after_stop) == (State.STOPPING, "stopped")
        assert not after.actions


class TestEnableAndDisable:
    def test_disable_tells_that_the_process_keeps_running(self) -> None:
        after = obey(OURS, at(State.ONLINE), "disable", NOW).condition
        assert after.alive
        assert "keeps running" in (after.reason or "")
        assert after.wake_at_s is None

    @pytest.mark.parametrize("state", [State.STARTING, State.HEALING])
    def test_disable_ends_a_process_that_is_just_being_started(self, state: State) -> None:
        after = obey(OURS, waiting(state, "spawn", alive=False), "disable", NOW)
        assert (after.condition.state, words(after)) == (State.STOPPING, "stop")
        assert not after.condition.enabled

    def test_enable_takes_back_a_disable_that_is_still_stopping(self) -> None:
        stopping = at(State.STOPPING, after_stop="disabled")
        after = obey(OURS, stopping, "enable", NOW).condition
        assert after.enabled
        assert after.after_stop == "start"

    def test_enable_does_not_look_while_monitoring_is_off(self) -> None:
        after = obey(OURS, at(State.DISABLED, watching=False, wanted=False), "enable", NOW)
        assert (after.condition.state, after.condition.wanted) == (State.STOPPED, True)
        assert not after.actions


class TestMonitoring:
    def test_watching_again_restarts_nothing_that_was_stopped_on_request(self) -> None:
        stopped = at(State.STOPPED, watching=False, wanted=False)
        assert not obey(OURS, stopped, "watch", NOW).actions

    def test_watching_twice_changes_nothing(self) -> None:
        online = at(State.ONLINE, wake_at_s=NOW + 3)
        assert obey(OURS, online, "watch", NOW).condition is online

    def test_watching_again_checks_at_once(self) -> None:
        for state in (State.ONLINE, State.DEGRADED, State.FAILED):
            after = obey(OURS, at(state, watching=False), "watch", NOW).condition
            assert after.wake_at_s == NOW

    def test_watching_waits_for_the_answer_that_is_on_its_way(self) -> None:
        after = obey(OURS, waiting(State.STARTING, "startup", watching=False), "watch", NOW)
        assert (after.condition.watching, after.condition.wake_at_s) == (True, None)

    @pytest.mark.parametrize("state", [State.ONLINE, State.DEGRADED, State.OFFLINE, State.FAILED])
    def test_switching_off_drops_the_next_check(self, state: State) -> None:
        for before in (at(state, wake_at_s=NOW + 3), waiting(state, "liveness")):
            after = obey(OURS, before, "unwatch", NOW).condition
            assert (after.wake_at_s, after.pending, after.watching) == (None, None, False)
            assert after.token > before.token

    def test_switching_off_lets_a_repair_and_a_request_end(self) -> None:
        for before in (waiting(State.HEALING, "spawn"), waiting(State.ONLINE, "verify")):
            after = obey(OURS, before, "unwatch", NOW).condition
            assert (after.pending, after.token) == (before.pending, before.token)


class TestHeal:
    def test_forgives_earlier_failures(self) -> None:
        tired = at(State.FAILED, failed_starts=5, restarts_in_run=4, deaths_s=(90.0,))
        after = obey(OURS, tired, "heal", NOW).condition
        assert (after.failed_starts, after.restarts_in_run, after.deaths_s) == (0, 0, ())

    def test_makes_an_endpoint_wanted_again(self) -> None:
        assert obey(OURS, at(State.OFFLINE, wanted=False), "heal", NOW).condition.wanted

    def test_says_what_was_wrong(self) -> None:
        after = obey(OURS, at(State.FAILED, reason="port 80 is held"), "heal", NOW).condition
        assert after.reason == "asked to heal: port 80 is held"
        assert obey(OURS, at(State.FAILED), "heal", NOW).condition.reason == "asked to heal"


def test_restart_within_a_repair_of_what_we_did_not_start_keeps_its_incident() -> None:
    verifying = waiting(State.HEALING, "verify", alive=False)
    after = obey(COMMANDED, verifying, "restart", NOW)
    assert (after.condition.state, words(after)) == (State.STOPPING, "stop")
    assert after.condition.incident
