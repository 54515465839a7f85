"""Decides what happens next to an endpoint. Pure: no clock, no sockets, no processes.

`decide` maps (policy, condition, fact, now) to the next condition and the actions that lead there.
One order is awaited at a time; an answer whose token is not the newest is dropped, so that results
of superseded checks and starts can do no harm.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.commands import obey
from llama_runner_pro.supervision.condition import Condition, Decision, Policy
from llama_runner_pro.supervision.events import (
    Adopted,
    BeginStep,
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
        return _adopted(c, fact, now)
    if fact.token != c.token:
        # A start that was overtaken by a stop: its process lives until that stop has ended it.
        overtaken = isinstance(fact, Spawned) and c.pending == "stop"
        return Decision(replace(c, alive=True) if overtaken else c)
    c = replace(c, pending=None)
    if isinstance(fact, Spawned):
        return _spawned(policy, c, now)
    if isinstance(fact, SpawnFailed):
        return _spawn_failed(policy, c, fact, now, roll)
    if isinstance(fact, StopEnded):
        return _stop_ended(policy, c, fact, now, roll)
    return _probed(policy, c, fact, now)


def _due(c: Condition, now: float) -> Decision:
    if c.pending is not None or c.wake_at_s is None or now < c.wake_at_s:
        return Decision(c)
    if c.state is State.BACKOFF:
        return moves.attempt_now(c, now)
    if c.state in (State.STARTING, State.HEALING) or (c.state is State.LOADING and c.alive):
        return moves.order_probe(c, "startup")
    return moves.order_probe(replace(c, checked_at_s=now), "liveness")


def _adopted(c: Condition, fact: Adopted, now: float) -> Decision:
    if c.alive:
        return Decision(c)
    c = replace(c, alive=True, incarnation=fact.incarnation)
    if c.state is State.STOPPED and not c.wanted:
        # Found only after the user had asked for it to be stopped.
        return moves.stop(c, now, "stopped", "being stopped")
    return Decision(c)


def _spawned(policy: Policy, c: Condition, now: float) -> Decision:
    c = replace(c, alive=True, progress_at_s=now)
    actions: tuple[Action, ...] = ()
    if c.state is State.HEALING:
        actions = (BeginStep("wait_ready"),)
    return moves.sleep_until(c, now + policy.startup_period_s).then(*actions)


def _spawn_failed(
    policy: Policy, c: Condition, fact: SpawnFailed, now: float, roll: float
) -> Decision:
    if fact.final:
        return _hopeless(policy, c, now, fact.reason, fact.hint)
    return moves.failed_start(policy, c, now, fact.reason, roll)


def _hopeless(
    policy: Policy,
    c: Condition,
    now: float,
    reason: str,
    hint: str | None,
    exited: Exited | None = None,
) -> Decision:
    """A start failed in a way that the next one would, too."""
    opened = moves.open_incident(c, now, "start_failed", reason, exited)
    hint = hint or "Put that right, then press Heal."
    end = moves.give_up(policy, opened.condition, now, reason, hint)
    return Decision(end.condition, (*opened.actions, FailStep(reason), *end.actions))


def _stop_ended(policy: Policy, c: Condition, fact: StopEnded, now: float, roll: float) -> Decision:
    if c.after_stop == "disabled":
        why = None if fact.ok else f"could not be stopped: {fact.detail}"
        return _end_at(replace(c, alive=c.alive and not fact.ok), State.DISABLED, now, why)
    if not fact.ok:
        hint = "End that process yourself, then press Heal."
        return moves.give_up(policy, c, now, f"could not be stopped: {fact.detail}", hint)
    c = replace(c, alive=False)
    if c.after_stop == "stopped":
        return _end_at(c, State.STOPPED, now)
    if c.after_stop == "start":
        return moves.start(c, now, c.reason)
    return moves.next_attempt(policy, c, now, c.reason or fact.detail, roll)


def _end_at(c: Condition, state: State, now: float, why: str | None = None) -> Decision:
    asked = "the endpoint was disabled" if state is State.DISABLED else "stopped on request"
    closed = moves.close_incident(c, "stopped", asked)
    moved = closed.condition.moved(state, now, why)
    return Decision(moves.sleep_until(moved, None).condition, closed.actions)


def _exited(policy: Policy, c: Condition, fact: Exited, now: float, roll: float) -> Decision:
    if fact.incarnation != c.incarnation or not c.alive:
        return Decision(c)
    c = replace(c, alive=False)
    if c.pending == "stop" or c.state in (State.DISABLED, State.STOPPED, State.FAILED):
        return Decision(c)
    verifying = c.incident and c.pending == "verify"
    c = replace(moves.steadied(policy, c, now), token=c.token + 1, pending=None)
    if verifying:
        died = replace(c, deaths_s=(*c.deaths_s, now))
        return moves.next_attempt(policy, died, now, fact.words, roll)
    if not policy.startable:
        return moves.rest(policy, c.moved(State.OFFLINE, now, fact.words), now)
    if c.state in (State.STARTING, State.LOADING, State.HEALING):
        return _exited_before_ready(policy, c, fact, now, roll)
    if not c.watching:
        why = f"{fact.words}, while monitoring was off"
        return moves.rest(policy, c.moved(State.OFFLINE, now, why), now)
    return _died(policy, c, fact, now, roll)


def _exited_before_ready(
    policy: Policy, c: Condition, fact: Exited, now: float, roll: float
) -> Decision:
    if fact.code is not None and fact.code in policy.final_exit_codes:
        return _hopeless(policy, c, now, fact.last_line or fact.words, None, fact)
    opened = moves.open_incident(c, now, "start_failed", f"{fact.words} before it was ready", fact)
    counted = replace(opened.condition, failed_starts=c.failed_starts + 1)
    then = moves.next_attempt(policy, counted, now, fact.words, roll)
    return Decision(then.condition, (*opened.actions, FailStep(fact.words), *then.actions))


def _died(policy: Policy, c: Condition, fact: Exited, now: float, roll: float) -> Decision:
    why = f"{fact.words}; restart policy is {policy.restart_policy}"
    if policy.restart_policy == "never":
        return moves.rest(policy, replace(c.moved(State.OFFLINE, now, why), wanted=False), now)
    if policy.restart_policy == "on-failure" and fact.code == 0:
        stopped = replace(c.moved(State.STOPPED, now, why), wanted=False)
        return moves.sleep_until(stopped, None)
    opened = moves.open_incident(c, now, "exit", fact.words, fact)
    c = replace(opened.condition, deaths_s=(*c.deaths_s, now))
    then = moves.next_attempt(policy, c, now, fact.words, roll)
    return Decision(then.condition, (*opened.actions, *then.actions))


def _probed(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if fact.purpose == "startup":
        return _startup(policy, c, fact, now)
    if fact.purpose == "verify_ready":
        return _verify_ready(policy, c, fact, now)
    if fact.purpose == "verify":
        return _verified(policy, c, fact, now)
    return _liveness(policy, c, fact, now)


def _startup(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
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
        return _abandon_start(policy, c, now, reason)
    if fact.verdict == "loading" and c.state is not State.LOADING and not c.incident:
        c = c.moved(State.LOADING, now, fact.reason)
    return moves.sleep_until(c, now + policy.startup_period_s)


def _verify_ready(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if fact.verdict == "ok":
        return moves.ready_and_watched(policy, c, now)
    if fact.verdict == "loading":
        return _startup(policy, c, fact, now)
    reason = f"answers its health check but no completion: {fact.reason}"
    return _abandon_start(policy, c, now, reason)


def _abandon_start(policy: Policy, c: Condition, now: float, reason: str) -> Decision:
    if not policy.startable:
        return moves.rest(policy, c.moved(State.OFFLINE, now, reason), now)
    opened = moves.open_incident(c, now, "start_failed", reason)
    counted = replace(opened.condition, failed_starts=c.failed_starts + 1)
    stopping = moves.stop(counted, now, "heal", reason)
    actions = (*opened.actions, FailStep(reason), *stopping.actions)
    return Decision(stopping.condition, actions)


def _verified(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if fact.verdict not in ("ok", "loading"):
        return moves.repair(c, now, "unresponsive", fact.reason)
    unwell = c.state is State.DEGRADED and policy.inference and fact.verdict == "ok"
    if c.state in SERVING and not unwell:
        return _liveness(policy, c, fact, now)
    # A completion says nothing of the health check: only that one ends being degraded.
    slow = "slow to answer its health check"
    why = c.reason if unwell else slow if fact.verdict == "ok" else fact.reason
    closed = moves.close_incident(c, "false_alarm", "it answers a completion; left alone")
    moved = replace(closed.condition.moved(State.DEGRADED, now, why), failures=0, false_alarm=True)
    return Decision(moves.rest(policy, moved, now).condition, closed.actions)


def _liveness(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if fact.verdict == "ok":
        return moves.ready_and_watched(policy, moves.steadied(policy, c, now), now)
    if fact.verdict == "loading":
        moved = replace(c.moved(State.LOADING, now, fact.reason), failures=0, progress_at_s=now)
        return moves.sleep_until(moved, now + policy.liveness_period_s)
    if fact.purpose == "first":
        return _not_healthy_at_first(policy, c, fact, now)
    c = replace(c, failures=c.failures + 1)
    if c.state is State.OFFLINE and fact.verdict == "refused" and _may_start(policy, c):
        return moves.start(c, now)
    if c.state not in SERVING and c.state is not State.LOADING:
        why = fact.reason if c.state is State.OFFLINE and c.wanted else c.reason
        return moves.rest(policy, replace(c, reason=why), now)
    if _reached(c.failures, policy.liveness_failures):
        return _unresponsive(policy, c, fact, now)
    if c.state is State.ONLINE and _reached(c.failures, policy.readiness_failures):
        c = c.moved(State.DEGRADED, now, fact.reason)
    at = now + policy.liveness_period_s
    return moves.sleep_until(c, at) if c.state is State.LOADING else moves.rest(policy, c, now)


def _may_start(policy: Policy, c: Condition) -> bool:
    return policy.startable and c.wanted and not c.alive


def _reached(failures: int, limit: int | None) -> bool:
    return limit is not None and failures >= limit


def _not_healthy_at_first(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if c.alive and policy.startable:
        return _looked_after(policy, c, fact, now)
    if fact.verdict == "refused" and policy.startable:
        return moves.start(c, now)
    return moves.rest(policy, c.moved(State.OFFLINE, now, fact.reason), now)


def _looked_after(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    """Its process runs but is not well: give it the time that any start or hang gets."""
    if fact.verdict == "refused":
        starting = replace(c.moved(State.STARTING, now, fact.reason), progress_at_s=now)
        return moves.sleep_until(starting, now + policy.startup_period_s)
    return moves.rest(policy, replace(c.moved(State.DEGRADED, now, fact.reason), failures=1), now)


def _unresponsive(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    summary = f"{c.failures} health checks in a row failed: {fact.reason}"
    if not policy.mends or not c.watching:
        wanted = c.wanted and policy.restart_policy != "never"
        offline = replace(c.moved(State.OFFLINE, now, fact.reason), wanted=wanted)
        return moves.rest(policy, offline, now)
    verifiable = policy.inference and fact.verdict != "refused"
    if verifiable and c.false_alarm:
        return moves.order_probe(c, "verify")
    if verifiable:
        opened = moves.open_incident(c, now, "unresponsive", summary)
        asked = moves.order_probe(opened.condition, "verify")
        return Decision(asked.condition, (*opened.actions, BeginStep("verify"), *asked.actions))
    return moves.repair(c, now, "unresponsive", summary)
