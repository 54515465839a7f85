"""Rows of the healer's table: policy, condition, event → state, orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.situations import (
    ASKED,
    FOREIGN,
    INCARNATION,
    NOW,
    OURS,
    TOKEN,
    at,
    exited,
    probed,
    waiting,
)
from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e

if TYPE_CHECKING:
    from llama_runner_pro.supervision.condition import Condition, Policy

S = State
NEVER = replace(OURS, restart_policy="never")
ON_FAILURE = replace(OURS, restart_policy="on-failure")
FINAL = replace(OURS, final_exit_codes=frozenset({66}))
UNCHECKED = replace(OURS, liveness_failures=None, readiness_failures=None)
DUE = e.Due()
SPAWNED = e.Spawned(TOKEN, 123)
NO_PROGRAM = e.SpawnFailed(TOKEN, "no program named x", "install it", final=True)
NOT_NOW = e.SpawnFailed(TOKEN, "out of processes")
STOPPED = e.StopEnded(TOKEN, True, "1 process ended")
SURVIVED = e.StopEnded(TOKEN, False, "pid 9 survived")
FOUND = e.Adopted(INCARNATION + 1, 55)


def row(
    sentence: str,
    condition: Condition,
    fact: e.Fact,
    state: State,
    ordered: str = "",
    policy: Policy = OURS,
) -> object:
    return pytest.param(policy, condition, fact, state, ordered, id=sentence)


WAKING = [
    row("a wait that is over becomes a start", at(S.BACKOFF, wake_at_s=NOW), DUE, S.HEALING,
        "spawn"),
    row("a start is looked at", at(S.STARTING, wake_at_s=NOW), DUE, S.STARTING, "probe startup"),
    row("a repair is looked at", at(S.HEALING, wake_at_s=NOW), DUE, S.HEALING, "probe startup"),
    row("our loading is looked at", at(S.LOADING, wake_at_s=NOW), DUE, S.LOADING, "probe startup"),
    row("somebody's loading is checked", at(S.LOADING, wake_at_s=NOW, alive=False), DUE, S.LOADING,
        "probe liveness"),
    *(row(f"{state} is checked", at(state, wake_at_s=NOW), DUE, state, "probe liveness")
      for state in (S.ONLINE, S.DEGRADED, S.OFFLINE, S.FAILED)),
    row("too early changes nothing", at(S.ONLINE, wake_at_s=NOW + 0.1), DUE, S.ONLINE),
    row("nothing asked for changes nothing", at(S.STOPPED), DUE, S.STOPPED),
    row("an answer is awaited first", waiting(S.ONLINE, "liveness", wake_at_s=NOW), DUE, S.ONLINE),
]  # fmt: skip

STARTS = [
    row("a started process is given time", waiting(S.STARTING, "spawn"), SPAWNED, S.STARTING),
    row("a repair waits for it", waiting(S.HEALING, "spawn"), SPAWNED, S.HEALING,
        "begin wait_ready"),
    row("a failed start is tried again at once", waiting(S.STARTING, "spawn"), NOT_NOW, S.HEALING,
        "open start_failed, fail, spawn"),
    row("a second failed start waits", waiting(S.HEALING, "spawn", restarts_in_run=1), NOT_NOW,
        S.BACKOFF, "fail, begin backoff"),
    row("with policy never a start is tried once", waiting(S.STARTING, "spawn"), NOT_NOW, S.FAILED,
        "open start_failed, fail, close failed", NEVER),
    row("the fifth failed start is the last", waiting(S.HEALING, "spawn", failed_starts=4), NOT_NOW,
        S.FAILED, "fail, close failed"),
    row("a start that cannot work is not repeated", waiting(S.STARTING, "spawn"), NO_PROGRAM,
        S.FAILED, "open start_failed, fail, close failed"),
    row("nor is one within a repair", waiting(S.HEALING, "spawn"), NO_PROGRAM, S.FAILED,
        "fail, close failed"),
    row("a found process is looked after", waiting(S.STOPPED, "first"), FOUND, S.STOPPED),
    row("one process is enough", at(S.ONLINE), FOUND, S.ONLINE),
    row("found after a stop on request, it is stopped", at(S.STOPPED, wanted=False), FOUND,
        S.STOPPING, "stop"),
    row("found while disabled, it is left alone", at(S.DISABLED), FOUND, S.DISABLED),
]  # fmt: skip

ENDS = [
    row("a death heals at once", at(S.ONLINE), exited(), S.HEALING,
        "open exit, spawn"),
    row("so does one while degraded", at(S.DEGRADED), exited(1), S.HEALING,
        "open exit, spawn"),
    row("so does one during a check", waiting(S.ONLINE, "liveness"), exited(), S.HEALING,
        "open exit, spawn"),
    row("a second death waits", at(S.ONLINE, restarts_in_run=1), exited(), S.BACKOFF,
        "open exit, begin backoff"),
    row("after long service delays begin anew",
        at(S.ONLINE, restarts_in_run=3, online_since_s=40.0), exited(), S.HEALING,
        "open exit, spawn"),
    row("the fifth death in ten minutes is the last", at(S.ONLINE, deaths_s=(60, 70, 80, 90)),
        exited(), S.FAILED, "open exit, close failed"),
    row("with policy never it stays down", at(S.ONLINE), exited(), S.OFFLINE, "", NEVER),
    row("a clean exit stays down on-failure", at(S.ONLINE), exited(0), S.STOPPED, "", ON_FAILURE),
    row("a crash does not", at(S.ONLINE), exited(1), S.HEALING, "open exit, spawn",
        ON_FAILURE),
    row("while monitoring is off nothing is healed", at(S.ONLINE, watching=False), exited(),
        S.OFFLINE),
    row("what we cannot start is offline", at(S.ONLINE), exited(), S.OFFLINE, "", FOREIGN),
    row("also while it loads", at(S.LOADING), exited(), S.OFFLINE, "", FOREIGN),
    row("a death while starting is a failed start", at(S.STARTING), exited(1), S.HEALING,
        "open start_failed, fail, spawn"),
    row("a death while loading likewise", at(S.LOADING), exited(1), S.HEALING,
        "open start_failed, fail, spawn"),
    row("a death within a repair waits", at(S.HEALING, restarts_in_run=1), exited(1), S.BACKOFF,
        "fail, begin backoff"),
    row("a hang that dies while verified is a death", waiting(S.HEALING, "verify"), exited(),
        S.HEALING, "spawn"),
    row("a final exit code gives up at once", at(S.STARTING), exited(66), S.FAILED,
        "open start_failed, fail, close failed", FINAL),
    row("other exit codes do not", at(S.STARTING), exited(1), S.HEALING,
        "open start_failed, fail, spawn", FINAL),
    row("the end during a stop is expected", at(S.STOPPING), exited(), S.STOPPING),
    row("an end while disabled is noted", at(S.DISABLED, alive=True), exited(), S.DISABLED),
    row("an end of what could not be stopped is noted", at(S.FAILED, alive=True), exited(),
        S.FAILED),
    row("the end of an earlier process is no news", at(S.ONLINE), e.Exited(2, 1, None), S.ONLINE),
    row("an end told twice is no news", at(S.OFFLINE), exited(), S.OFFLINE),
]  # fmt: skip

STOPS = [
    row("stopped on request", at(S.STOPPING, after_stop="stopped"), STOPPED, S.STOPPED),
    row("in the middle of a repair", at(S.STOPPING, after_stop="stopped", incident=True), STOPPED,
        S.STOPPED, "close stopped"),
    row("disabled after the stop", at(S.STOPPING, after_stop="disabled"), STOPPED, S.DISABLED),
    row("disabled though it survived", at(S.STOPPING, after_stop="disabled"), SURVIVED,
        S.DISABLED),
    row("restarted", at(S.STOPPING, after_stop="start"), STOPPED, S.STARTING, "spawn"),
    row("restarted within a repair", at(S.STOPPING, after_stop="start", incident=True), STOPPED,
        S.HEALING, "spawn"),
    row("repaired", waiting(S.HEALING, "stop", after_stop="heal"), STOPPED, S.HEALING,
        "spawn"),
    row("what survives a stop needs the user", at(S.STOPPING, after_stop="stopped"), SURVIVED,
        S.FAILED),
    row("what survives a repair likewise", waiting(S.HEALING, "stop", after_stop="heal"), SURVIVED,
        S.FAILED, "close failed"),
]  # fmt: skip


STARTUP = [
    row("it answers: online", waiting(S.STARTING, "startup"), probed("startup", "ok"), S.ONLINE),
    row("it answers: a completion is asked for", waiting(S.STARTING, "startup"),
        probed("startup", "ok"), S.STARTING, "probe verify_ready", ASKED),
    row("a completion is a step of a repair", waiting(S.HEALING, "startup"),
        probed("startup", "ok"), S.HEALING, "begin verify_ready, probe verify_ready", ASKED),
    row("it says that it loads", waiting(S.STARTING, "startup"), probed("startup", "loading"),
        S.LOADING),
    row("a repair that loads is a repair", waiting(S.HEALING, "startup"),
        probed("startup", "loading"), S.HEALING),
    row("not there yet", waiting(S.STARTING, "startup"), probed("startup", "refused"), S.STARTING),
    row("not there in time", waiting(S.STARTING, "startup", progress_at_s=-30.0),
        probed("startup", "refused"), S.HEALING, "open start_failed, fail, stop"),
    row("not there in time, but its log moves",
        waiting(S.STARTING, "startup", progress_at_s=-30.0),
        probed("startup", "refused", progress=True), S.STARTING),
    row("loading for ever without progress", waiting(S.LOADING, "startup", progress_at_s=-30.0),
        probed("startup", "loading"), S.HEALING, "open start_failed, fail, stop"),
    row("somebody's start that comes to nothing",
        waiting(S.LOADING, "startup", progress_at_s=-30.0),
        probed("startup", "timeout"), S.OFFLINE, "", FOREIGN),
    row("it completes: online", waiting(S.STARTING, "verify_ready"), probed("verify_ready", "ok"),
        S.ONLINE, "", ASKED),
    row("it completes: healed", waiting(S.HEALING, "verify_ready"), probed("verify_ready", "ok"),
        S.ONLINE, "close healed", ASKED),
    row("it completes nothing", waiting(S.STARTING, "verify_ready"),
        probed("verify_ready", "failed"), S.HEALING, "open start_failed, fail, stop", ASKED),
    row("it cannot complete while it loads", waiting(S.STARTING, "verify_ready"),
        probed("verify_ready", "loading"), S.LOADING, "", ASKED),
]  # fmt: skip

FIRST_LOOK = [
    row("it runs already", waiting(S.STOPPED, "first"), probed("first", "ok"), S.ONLINE),
    row("it loads already", waiting(S.STOPPED, "first"), probed("first", "loading"), S.LOADING),
    row("nobody is there: start", waiting(S.STOPPED, "first"), probed("first", "refused"),
        S.STARTING, "spawn"),
    row("nobody is there, and we cannot start it", waiting(S.STOPPED, "first"),
        probed("first", "refused"), S.OFFLINE, "", FOREIGN),
    row("something else answers", waiting(S.STOPPED, "first"), probed("first", "failed"),
        S.OFFLINE),
    row("ours runs and does not listen yet", waiting(S.STOPPED, "first", alive=True),
        probed("first", "refused"), S.STARTING),
    row("ours runs and does not answer", waiting(S.STOPPED, "first", alive=True),
        probed("first", "timeout"), S.DEGRADED),
    row("somebody's runs and does not answer", waiting(S.STOPPED, "first", alive=True),
        probed("first", "timeout"), S.OFFLINE, "", FOREIGN),
    row("started again after it failed", waiting(S.FAILED, "first"), probed("first", "refused"),
        S.STARTING, "spawn"),
]  # fmt: skip

LIVENESS = [
    row("well", waiting(S.ONLINE, "liveness"), probed("liveness", "ok"), S.ONLINE),
    row("well again", waiting(S.DEGRADED, "liveness", failures=2), probed("liveness", "ok"),
        S.ONLINE),
    row("back by itself", waiting(S.OFFLINE, "liveness"), probed("liveness", "ok"), S.ONLINE),
    row("mended by hand", waiting(S.FAILED, "liveness"), probed("liveness", "ok"), S.ONLINE),
    row("mended by hand, loading", waiting(S.FAILED, "liveness"), probed("liveness", "loading"),
        S.LOADING),
    row("loads another model", waiting(S.ONLINE, "liveness"), probed("liveness", "loading"),
        S.LOADING),
    row("one failure degrades", waiting(S.ONLINE, "liveness"), probed("liveness", "timeout"),
        S.DEGRADED),
    row("two are not three", waiting(S.DEGRADED, "liveness", failures=1),
        probed("liveness", "timeout"), S.DEGRADED),
    row("three call for a repair", waiting(S.DEGRADED, "liveness", failures=2),
        probed("liveness", "timeout"), S.HEALING, "open unresponsive, stop"),
    row("a completion has the last word", waiting(S.DEGRADED, "liveness", failures=2),
        probed("liveness", "timeout"), S.HEALING, "open unresponsive, begin verify, probe verify",
        ASKED),
    row("not when nobody listens", waiting(S.DEGRADED, "liveness", failures=2),
        probed("liveness", "refused"), S.HEALING, "open unresponsive, stop", ASKED),
    row("silence alone never repairs when liveness is off",
        waiting(S.ONLINE, "liveness", failures=99), probed("liveness", "timeout"), S.ONLINE, "",
        UNCHECKED),
    row("what we cannot start goes offline", waiting(S.DEGRADED, "liveness", failures=2),
        probed("liveness", "timeout"), S.OFFLINE, "", FOREIGN),
    row("with policy never likewise", waiting(S.DEGRADED, "liveness", failures=2),
        probed("liveness", "timeout"), S.OFFLINE, "", NEVER),
    row("somebody's loading that fails", waiting(S.LOADING, "liveness", alive=False),
        probed("liveness", "refused"), S.LOADING),
    row("and fails for good", waiting(S.LOADING, "liveness", alive=False, failures=2),
        probed("liveness", "refused"), S.HEALING, "open unresponsive, stop"),
    row("but not while monitoring is off",
        waiting(S.LOADING, "liveness", alive=False, failures=2, watching=False),
        probed("liveness", "refused"), S.OFFLINE),
    row("the port became free: start", waiting(S.OFFLINE, "liveness"),
        probed("liveness", "refused"), S.STARTING, "spawn"),
    row("not after policy never", waiting(S.OFFLINE, "liveness", wanted=False),
        probed("liveness", "refused"), S.OFFLINE),
    row("not while a process of ours is there", waiting(S.OFFLINE, "liveness", alive=True),
        probed("liveness", "refused"), S.OFFLINE),
    row("still taken by something else", waiting(S.OFFLINE, "liveness"),
        probed("liveness", "failed"), S.OFFLINE),
    row("still failed", waiting(S.FAILED, "liveness"), probed("liveness", "refused"), S.FAILED),
]  # fmt: skip

VERIFY = [
    row("false alarm", waiting(S.HEALING, "verify"), probed("verify", "ok"), S.DEGRADED,
        "close false_alarm", ASKED),
    row("it loads: left alone", waiting(S.HEALING, "verify"), probed("verify", "loading"),
        S.DEGRADED, "close false_alarm", ASKED),
    row("the hang is real", waiting(S.HEALING, "verify"), probed("verify", "timeout"), S.HEALING,
        "stop", ASKED),
    row("asked to heal what is well", waiting(S.ONLINE, "verify"), probed("verify", "ok"),
        S.ONLINE, "", ASKED),
    row("asked to heal what completes but fails its health check", waiting(S.DEGRADED, "verify"),
        probed("verify", "ok"), S.DEGRADED, "", ASKED),
    row("asked to heal what has no completions and is well again", waiting(S.DEGRADED, "verify"),
        probed("verify", "ok"), S.ONLINE),
    row("after a false alarm it is looked into quietly",
        waiting(S.DEGRADED, "liveness", failures=2, false_alarm=True),
        probed("liveness", "timeout"), S.DEGRADED, "probe verify", ASKED),
    row("until it does not complete any more",
        waiting(S.DEGRADED, "verify", false_alarm=True), probed("verify", "timeout"), S.HEALING,
        "open unresponsive, stop", ASKED),
    row("asked to heal what loads", waiting(S.DEGRADED, "verify"), probed("verify", "loading"),
        S.LOADING, "", ASKED),
    row("asked to heal what is sick", waiting(S.ONLINE, "verify"), probed("verify", "failed"),
        S.HEALING, "open unresponsive, stop", ASKED),
]  # fmt: skip

ROWS = [*WAKING, *STARTS, *ENDS, *STOPS, *STARTUP, *FIRST_LOOK, *LIVENESS, *VERIFY]
