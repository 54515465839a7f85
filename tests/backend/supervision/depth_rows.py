"""More rows of the healer's table: stuck work, doubt, memory that ran out, dependencies."""

from __future__ import annotations

from fakes.situations import (
    ASKED,
    FOREIGN,
    NOW,
    OURS,
    at,
    exited,
    probed,
    waiting,
)
from msgspec.structs import replace

from llama_runner_pro.endpoints.ports import Proposal
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e
from tests.backend.supervision.healer_rows import DUE, NEVER, row

S = State
STUCK = probed("liveness", "ok", activity="stuck")
BUSY = probed("liveness", "timeout", activity="moving")
SMALLER = Proposal(kind="parameters", summary="use less", parameters={"ctx-size": 2048})
SHRINKS = replace(OURS, smaller=SMALLER)
FINAL = replace(SHRINKS, final_exit_codes=frozenset({71}))
OOM = exited(oom="the kernel ended it because memory ran out")
LONG_AGO = NOW - 61.0
DOWN, UP = e.ParentChanged("db"), e.ParentChanged(None)
ERRORS = e.CompletionsFailed(3)
MISSED = e.Missed(5, 4)

STALLS = [
    row("stuck for less than the limit", waiting(S.ONLINE, "liveness", moved_at_s=NOW - 59), STUCK,
        S.ONLINE),
    row("stuck for longer: repaired", waiting(S.ONLINE, "liveness", moved_at_s=LONG_AGO), STUCK,
        S.HEALING, "open stalled, stop"),
    row("stuck: a completion has the last word",
        waiting(S.ONLINE, "liveness", moved_at_s=LONG_AGO), STUCK, S.HEALING,
        "open stalled, begin verify, probe verify", ASKED),
    row("stuck, and not ours to mend", waiting(S.ONLINE, "liveness", moved_at_s=LONG_AGO), STUCK,
        S.DEGRADED, "", FOREIGN),
    row("stuck while nobody watches",
        waiting(S.ONLINE, "liveness", moved_at_s=LONG_AGO, watching=False), STUCK, S.DEGRADED),
    row("stuck beside a slot that answers: it stays degraded",
        waiting(S.DEGRADED, "liveness", moved_at_s=NOW - 9, false_alarm=True), STUCK, S.DEGRADED,
        "", ASKED),
    row("and is looked into again without another alarm",
        waiting(S.DEGRADED, "liveness", moved_at_s=LONG_AGO, false_alarm=True), STUCK, S.DEGRADED,
        "probe verify", ASKED),
    row("what moves is well", waiting(S.ONLINE, "liveness", moved_at_s=LONG_AGO),
        probed("liveness", "ok", activity="moving"), S.ONLINE),
    row("what came back cannot be stuck", waiting(S.OFFLINE, "liveness", moved_at_s=LONG_AGO),
        STUCK, S.ONLINE),
    row("silent but working: left alone", waiting(S.DEGRADED, "liveness", failures=2), BUSY,
        S.DEGRADED),
    row("silent and working for ever is a hang", waiting(S.DEGRADED, "liveness", failures=200),
        BUSY, S.HEALING, "open unresponsive, stop"),
    row("nobody listens: no work is seen", waiting(S.DEGRADED, "liveness", failures=2),
        probed("liveness", "refused", activity="moving"), S.HEALING, "open unresponsive, stop"),
    row("a completion that waits behind work that moves", waiting(S.HEALING, "verify", failures=3),
        probed("verify", "timeout", activity="moving"), S.DEGRADED, "close false_alarm", ASKED),
    row("a completion that fails at once", waiting(S.HEALING, "verify", failures=3),
        probed("verify", "failed", activity="moving"), S.HEALING, "stop", ASKED),
    row("asked to heal what is only busy", waiting(S.ONLINE, "verify"),
        probed("verify", "timeout", activity="moving"), S.DEGRADED, "", ASKED),
    row("clients get errors: one token decides", at(S.ONLINE), ERRORS, S.HEALING,
        "open unresponsive, begin verify, probe verify", ASKED),
    row("clients get errors, also between two checks", waiting(S.ONLINE, "liveness"), ERRORS,
        S.HEALING, "open unresponsive, begin verify, probe verify", ASKED),
    row("clients get errors, and no token can be asked for", at(S.ONLINE), ERRORS, S.DEGRADED),
    row("clients get errors while a check decides already", waiting(S.ONLINE, "verify"), ERRORS,
        S.ONLINE, "", ASKED),
    row("clients get errors from what is down anyway", at(S.OFFLINE), ERRORS, S.OFFLINE, "",
        ASKED),
]  # fmt: skip

DOUBT = [
    row("after a sleep silence proves nothing", waiting(S.DEGRADED, "liveness", failures=2),
        probed("liveness", "timeout", doubtful=True), S.DEGRADED),
    row("nor does it while somebody's model loads",
        waiting(S.LOADING, "liveness", failures=2, alive=False),
        probed("liveness", "refused", doubtful=True), S.LOADING),
    row("a start gets its time anew", waiting(S.STARTING, "startup", progress_at_s=-500.0),
        probed("startup", "refused", doubtful=True), S.STARTING),
    row("the last word is asked for again", waiting(S.HEALING, "verify"),
        probed("verify", "timeout", doubtful=True), S.HEALING, "probe verify", ASKED),
    row("a good answer is good at any time", waiting(S.DEGRADED, "liveness"),
        probed("liveness", "ok", doubtful=True), S.ONLINE),
]  # fmt: skip

MEMORY = [
    row("memory ran out: one more try", at(S.ONLINE), OOM, S.HEALING, "open exit, spawn", SHRINKS),
    row("memory ran out again: smaller parameters are proposed", at(S.ONLINE, ooms=1), OOM,
        S.FAILED, "open exit, close failed", SHRINKS),
    row("also where none can be proposed", at(S.ONLINE, ooms=1), OOM, S.FAILED,
        "open exit, close failed"),
    row("also while it starts", at(S.STARTING, ooms=1), OOM, S.FAILED,
        "open start_failed, fail, close failed", SHRINKS),
    row("a start that is refused for lack of memory is not repeated", at(S.STARTING),
        exited(71, oom="too little memory"), S.FAILED, "open start_failed, fail, close failed",
        FINAL),
    row("after long service it gets its one try again",
        at(S.ONLINE, ooms=1, online_since_s=40.0), OOM, S.HEALING, "open exit, spawn", SHRINKS),
]  # fmt: skip

DEPENDENCIES = [
    row("a parent that goes down changes nothing yet", at(S.ONLINE), DOWN, S.ONLINE),
    row("no start before the parent is ready", waiting(S.STOPPED, "first", waiting_for="db"),
        probed("first", "refused"), S.OFFLINE),
    row("nor when the port becomes free", waiting(S.OFFLINE, "liveness", waiting_for="db"),
        probed("liveness", "refused"), S.OFFLINE),
    row("what runs already is online", waiting(S.STOPPED, "first", waiting_for="db"),
        probed("first", "ok"), S.ONLINE),
    row("no alarm for a death", at(S.ONLINE, waiting_for="db"), exited(), S.OFFLINE),
    row("nor for one while starting", at(S.STARTING, waiting_for="db"), exited(1), S.OFFLINE),
    row("a repair under way waits", at(S.HEALING, waiting_for="db"), exited(1), S.BACKOFF,
        "fail, begin backoff"),
    row("and goes on waiting", at(S.BACKOFF, wake_at_s=NOW, waiting_for="db"), DUE, S.BACKOFF,
        "begin backoff"),
    row("no repair for silence", waiting(S.DEGRADED, "liveness", failures=2, waiting_for="db"),
        probed("liveness", "timeout"), S.DEGRADED),
    row("nor while loading",
        waiting(S.LOADING, "liveness", failures=2, waiting_for="db", alive=False),
        probed("liveness", "refused"), S.OFFLINE),
    row("nor for stuck work",
        waiting(S.ONLINE, "liveness", moved_at_s=LONG_AGO, waiting_for="db"), STUCK, S.DEGRADED),
    row("nor for errors of clients", at(S.ONLINE, waiting_for="db"), ERRORS, S.DEGRADED, "",
        ASKED),
    row("the parent is back: look again", at(S.OFFLINE, waiting_for="db"), UP, S.OFFLINE,
        "probe first"),
    row("not while a look is under way", waiting(S.OFFLINE, "liveness", waiting_for="db"), UP,
        S.OFFLINE),
    row("not what was stopped on request", at(S.OFFLINE, waiting_for="db", wanted=False), UP,
        S.OFFLINE),
    row("not what we cannot start", at(S.OFFLINE, waiting_for="db"), UP, S.OFFLINE, "", FOREIGN),
    row("not while monitoring is off", at(S.OFFLINE, waiting_for="db", watching=False), UP,
        S.OFFLINE),
    row("another parent is still down", at(S.OFFLINE, waiting_for="db"), e.ParentChanged("cache"),
        S.OFFLINE),
    row("it was not waiting anyway", at(S.OFFLINE), UP, S.OFFLINE),
    row("a repair that waited goes on", at(S.BACKOFF, waiting_for="db"), UP, S.BACKOFF),
    row("a repair that waits for its own time keeps it",
        at(S.BACKOFF, waiting_for="db", next_attempt_at_s=NOW + 9), UP, S.BACKOFF),
    row("what serves serves on", at(S.ONLINE, waiting_for="db"), UP, S.ONLINE),
]  # fmt: skip

UNSEEN = [
    row("a process that ended unseen is noted", waiting(S.STOPPED, "first"), MISSED, S.STOPPED),
    row("not beside one that runs", at(S.ONLINE), MISSED, S.ONLINE),
    row("its death is an incident like any other", waiting(S.STOPPED, "first", missed=True),
        probed("first", "refused"), S.HEALING, "open exit, spawn"),
    row("with policy never it is only started", waiting(S.STOPPED, "first", missed=True),
        probed("first", "refused"), S.STARTING, "spawn", NEVER),
]  # fmt: skip
