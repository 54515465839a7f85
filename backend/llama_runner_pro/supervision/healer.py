"""Decides what happens next to an endpoint. Pure: no clock, no sockets, no processes.

`decide` maps (policy, condition, fact, now) to the next condition and the actions that lead there.
One order is awaited at a time; an answer whose token is not the newest is dropped, so that results
of superseded checks and starts can do no harm.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.commands import obey
from llama_runner_pro.supervision.condition import Condition, Decision, Policy
from llama_runner_pro.supervision.events import (
    Adopted,
    BeginStep,
    CloseIncident,
    Command,
    Due,
    Exited,
    FailStep,
    Probed,
    Spawned,
    SpawnFailed,
    StopEnded,
)

if TYPE_CHECKING:
    from llama_runner_pro.supervision.events import Action, Fact


def decide(policy: Policy, c: Condition, fact: Fact, now: float, roll: float = 0.5) -> Decision:
    """The one decision function. `now` is monotonic seconds; `roll` in [0, 1) feeds the jitter.

    Raises IllegalTransition only if this module has a bug.
    """
    if isinstance(fact, Command):
        return obey(policy, c, fact.name, now)
    if isinstance(fact, Due):
        return _due(c, now)
    if isinstance(fact, Exited):
        return _exited(policy, c, fact, now, roll)
    if isinstance(fact, Adopted):
        return Decision(c if c.alive else replace(c, alive=True, incarnation=fact.incarnation))
    if fact.token != c.token:
        return Decision(c)
    c = replace(c, pending=None)
    if isinstance(fact, Spawned):
        return _spawned(policy, c, now)
    if isinstance(fact, SpawnFailed):
        return _spawn_failed(policy, c, fact, now, roll)
    if isinstance(fact, StopEnded):
        return _stop_ended(policy, c, fact, now, roll)
    if isinstance(fact, Probed):
        return _probed(policy, c, fact, now, roll)
    assert_never(fact)


def _due(c: Condition, now: float) -> Decision:
    if c.pending is not None or c.wake_at_s is None or now < c.wake_at_s:
        return Decision(c)
    if c.state is State.BACKOFF:
        return moves.attempt_now(c, now)
    if c.state in (State.STARTING, State.HEALING) or (c.state is State.LOADING and c.alive):
        return moves.order_probe(c, "startup")
    return moves.order_probe(c, "liveness")


def _spawned(policy: Policy, c: Condition, now: float) -> Decision:
    c = replace(c, alive=True, progress_at_s=now)
    actions: tuple[Action, ...] = ()
    if c.state is State.HEALING:
        actions = (BeginStep("wait_ready"),)
    return moves.sleep_until(c, now + policy.startup_period_s).then(*actions)


def _spawn_failed(
    policy: Policy, c: Condition, fact: SpawnFailed, now: float, roll: float
) -> Decision:
    c = replace(c, alive=False)
    if fact.final:
        opened = moves.open_incident(c, now, "start_failed", fact.reason)
        end = moves.give_up(
            policy, opened.condition, now, fact.reason, fact.hint or "Mend, then Heal."
        )
        return Decision(end.condition, (*opened.actions, FailStep(fact.reason), *end.actions))
    return moves.failed_start(policy, c, now, fact.reason, roll)


def _stop_ended(policy: Policy, c: Condition, fact: StopEnded, now: float, roll: float) -> Decision:
    if not fact.ok:
        hint = "End that process yourself, then press Heal."
        return moves.give_up(policy, c, now, f"could not be stopped: {fact.detail}", hint)
    c = replace(c, alive=False)
    if c.after_stop == "stopped":
        return _rest(c, State.STOPPED, now)
    if c.after_stop == "disabled":
        return _rest(c, State.DISABLED, now)
    if c.after_stop == "start":
        return moves.start(c, now)
    return moves.next_attempt(policy, c, now, c.reason or fact.detail, roll)


def _rest(c: Condition, state: State, now: float) -> Decision:
    closed = moves.close_incident(c, "stopped", "stopped on request")
    return Decision(
        moves.sleep_until(closed.condition.moved(state, now), None).condition,
        closed.actions,
    )


def _exited(policy: Policy, c: Condition, fact: Exited, now: float, roll: float) -> Decision:
    if fact.incarnation != c.incarnation or not c.alive:
        return Decision(c)
    c = replace(c, alive=False)
    if c.pending == "stop" or c.state in (State.DISABLED, State.STOPPED, State.FAILED):
        return Decision(c)
    c = replace(c, token=c.token + 1, pending=None)
    if c.state in (State.STARTING, State.LOADING, State.HEALING):
        return _exited_before_ready(policy, c, fact, now, roll)
    if not c.watching:
        return moves.sleep_until(
            c.moved(State.OFFLINE, now, f"{fact.words}, while monitoring was off"), None
        )
    return _died(policy, c, fact, now, roll)


def _exited_before_ready(
    policy: Policy, c: Condition, fact: Exited, now: float, roll: float
) -> Decision:
    if fact.code is not None and fact.code in policy.final_exit_codes:
        failed = SpawnFailed(c.token, fact.last_line or fact.words, final=True)
        return _spawn_failed(policy, c, failed, now, roll)
    opened = moves.open_incident(c, now, "start_failed", f"{fact.words} before it was ready", fact)
    counted = replace(opened.condition, failed_starts=c.failed_starts + 1)
    then = moves.next_attempt(policy, counted, now, fact.words, roll)
    return Decision(then.condition, (*opened.actions, FailStep(fact.words), *then.actions))


def _died(policy: Policy, c: Condition, fact: Exited, now: float, roll: float) -> Decision:
    if policy.restart_policy == "never" or (
        policy.restart_policy == "on-failure" and fact.code == 0
    ):
        state = State.OFFLINE if policy.restart_policy == "never" else State.STOPPED
        why = f"{fact.words}; restart policy is {policy.restart_policy}"
        at = now + policy.liveness_period_s if state is State.OFFLINE else None
        return moves.sleep_until(replace(c.moved(state, now, why), wanted=False), at)
    opened = moves.open_incident(c, now, "exit", fact.words, fact)
    c = replace(opened.condition, deaths_s=(*c.deaths_s, now))
    then = moves.next_attempt(policy, c, now, fact.words, roll)
    return Decision(then.condition, (*opened.actions, *then.actions))


def _probed(policy: Policy, c: Condition, fact: Probed, now: float, roll: float) -> Decision:
    if fact.purpose == "startup":
        return _startup(policy, c, fact, now, roll)
    if fact.purpose == "verify_ready":
        return _verify_ready(policy, c, fact, now, roll)
    if fact.purpose == "verify":
        return _verified(policy, c, fact, now)
    return _liveness(policy, c, fact, now)


def _startup(policy: Policy, c: Condition, fact: Probed, now: float, roll: float) -> Decision:
    if fact.verdict == "ok":
        if not policy.inference:
            return moves.ready_and_watched(policy, c, now)
        asked = moves.order_probe(c, "verify_ready")
        steps = (BeginStep("verify_ready"),) if c.incident else ()
        return Decision(asked.condition, (*steps, *asked.actions))
    if fact.progress or (fact.verdict == "loading" and c.state is State.STARTING):
        c = replace(c, progress_at_s=now)
    if now - c.progress_at_s > policy.startup_budget_s:
        reason = f"not ready within {policy.startup_budget_s:g} s ({fact.reason})"
        return _abandon_start(c, now, reason)
    if fact.verdict == "loading" and c.state is not State.LOADING and not c.incident:
        c = c.moved(State.LOADING, now, fact.reason)
    return moves.sleep_until(c, now + policy.startup_period_s)


def _verify_ready(policy: Policy, c: Condition, fact: Probed, now: float, roll: float) -> Decision:
    if fact.verdict == "ok":
        return moves.ready_and_watched(policy, c, now)
    return _abandon_start(c, now, f"answers its health check but no completion: {fact.reason}")


def _abandon_start(c: Condition, now: float, reason: str) -> Decision:
    opened = moves.open_incident(c, now, "start_failed", reason)
    counted = replace(opened.condition, failed_starts=c.failed_starts + 1)
    stopping = moves.stop(counted, now, "heal", reason)
    return Decision(
        stopping.condition,
        (
            *opened.actions,
            FailStep(reason),
            *stopping.actions,
        ),
    )


def _verified(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if fact.verdict in ("ok", "loading"):
        if c.state in SERVING:
            return _healthy(policy, c, now)
        slow = "slow to answer its health check"
        why = slow if fact.verdict == "ok" else fact.reason
        moved = replace(c.moved(State.DEGRADED, now, why), failures=0)
        rest = moves.sleep_until(moved, now + policy.liveness_period_s)
        closing = CloseIncident("false_alarm", "it answers a completion; left alone")
        return Decision(replace(rest.condition, incident=False), (closing,))
    return moves.repair(c, now, "unresponsive", fact.reason)


def _liveness(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if fact.verdict == "ok":
        return _healthy(policy, c, now)
    at = now + policy.liveness_period_s
    if fact.verdict == "loading":
        if c.state is State.FAILED:
            return moves.sleep_until(c, at)
        moved = c.moved(State.LOADING, now, fact.reason)
        return moves.sleep_until(replace(moved, failures=0, progress_at_s=now), at)
    if fact.purpose == "first":
        return _nobody_healthy(policy, c, fact, now)
    c = replace(c, failures=c.failures + 1)
    if c.state is State.OFFLINE and c.wanted and policy.startable and fact.verdict == "refused":
        return moves.start(c, now)
    if c.state not in SERVING and c.state is not State.LOADING:
        why = fact.reason if c.state is State.OFFLINE and c.wanted else c.reason
        return moves.sleep_until(replace(c, reason=why), at)
    if c.failures >= policy.liveness_failures:
        return _unresponsive(policy, c, fact, now)
    if c.failures >= policy.readiness_failures and c.state is State.ONLINE:
        c = c.moved(State.DEGRADED, now, fact.reason)
    return moves.sleep_until(c, at)


def _nobody_healthy(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    """The first look found no healthy server."""
    if c.alive:
        return moves.repair(c, now, "unresponsive", fact.reason)
    if fact.verdict == "refused" and policy.startable:
        return moves.start(c, now)
    return moves.sleep_until(
        c.moved(State.OFFLINE, now, fact.reason), now + policy.liveness_period_s
    )


def _healthy(policy: Policy, c: Condition, now: float) -> Decision:
    online = c.online_since_s
    if c.serving and online is not None and now - online >= policy.stable_after_s:
        c = replace(c, restarts_in_run=0, failed_starts=0)
    return moves.ready_and_watched(policy, c, now)


def _unresponsive(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    summary = f"{c.failures} health checks in a row failed: {fact.reason}"
    if not policy.startable:
        return moves.sleep_until(
            c.moved(State.OFFLINE, now, fact.reason), now + policy.liveness_period_s
        )
    if policy.inference and fact.verdict != "refused":
        opened = moves.open_incident(c, now, "unresponsive", summary)
        asked = moves.order_probe(opened.condition, "verify")
        return Decision(asked.condition, (*opened.actions, BeginStep("verify"), *asked.actions))
    return moves.repair(c, now, "unresponsive", summary)
