"""What follows from the result of a check. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.condition import Condition, Decision, Policy
from llama_runner_pro.supervision.events import BeginStep, FailStep

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import Cause
    from llama_runner_pro.supervision.events import CompletionsFailed, Probed

_OTHER_SERVICE = "Something else answers at its address. Press Heal to learn who has its port."
BUSY_PATIENCE = 10
"""Stall limits for which a silent process may go on working before that counts as a hang."""


def probed(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    """The check that was awaited has ended."""
    if fact.doubtful and fact.verdict not in ("ok", "loading"):
        return _once_more(policy, c, fact, now)
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
        if not _working(policy, c, fact):
            return moves.repair(c, now, "unresponsive", fact.reason)
        return _left_alone(policy, c, now, _busy_words(fact), "a request is moving; left alone")
    unwell = c.state is State.DEGRADED and policy.inference and fact.verdict == "ok"
    if c.state in SERVING and not unwell:
        return _liveness(policy, c, fact, now)
    # A completion says nothing of the health check: only that one ends being degraded.
    why = c.reason if unwell else _why_left_alone(fact)
    c = replace(c, failures=0, moved_at_s=now, false_alarm=True)
    return _left_alone(policy, c, now, why, "it answers a completion; left alone")


def _why_left_alone(fact: Probed) -> str:
    if fact.activity == "stuck":
        return "a request of a client makes no progress, others do"
    return "slow to answer its health check" if fact.verdict == "ok" else fact.reason


def _left_alone(policy: Policy, c: Condition, now: float, why: str | None, detail: str) -> Decision:
    closed = moves.close_incident(c, "false_alarm", detail)
    moved = closed.condition.moved(State.DEGRADED, now, why)
    return Decision(moves.rest(policy, moved, now).condition, closed.actions)


def _liveness(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if fact.verdict == "ok":
        return _well(policy, moves.steadied(policy, c, now), fact, now)
    if fact.verdict == "loading":
        moved = replace(c.moved(State.LOADING, now, fact.reason), failures=0, progress_at_s=now)
        return moves.sleep_until(moved, now + policy.liveness_period_s)
    if fact.purpose == "first":
        return _not_healthy_at_first(policy, c, fact, now)
    c = replace(c, failures=c.failures + 1)
    if c.state not in SERVING and c.state is not State.LOADING:
        return _still_down(policy, c, fact, now)
    if _reached(c.failures, policy.liveness_failures):
        return _unresponsive(policy, c, fact, now)
    if c.state is State.ONLINE and _reached(c.failures, policy.readiness_failures):
        c = c.moved(State.DEGRADED, now, fact.reason)
    return _next_look(policy, c, now)


def _next_look(policy: Policy, c: Condition, now: float) -> Decision:
    if c.state is State.LOADING:
        return moves.sleep_until(c, now + policy.liveness_period_s)
    return moves.look_again(policy, c, now) if _doubted(policy, c) else moves.rest(policy, c, now)


def _doubted(policy: Policy, c: Condition) -> bool:
    """Between well and suspected. Hurry is right only where one token has the last word, and not
    where it was said already."""
    between = 0 < c.failures < (policy.liveness_failures or 0)
    return between and c.serving and policy.inference and not c.false_alarm


def _well(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    """It answers; what it works on may be stuck all the same."""
    if fact.activity != "stuck" or not c.serving:
        return moves.ready_and_watched(policy, replace(c, moved_at_s=now), now)
    if now - c.moved_at_s < policy.stall_s:
        # Looked into before: it stays degraded for as long as that work is stuck.
        same = c.false_alarm and c.state is State.DEGRADED
        return moves.rest(policy, c, now) if same else moves.ready_and_watched(policy, c, now)
    summary = f"a request has made no progress for {now - c.moved_at_s:.0f} s"
    c = replace(c, moved_at_s=now)
    if not _may_repair(policy, c):
        return moves.rest(policy, c.moved(State.DEGRADED, now, summary), now)
    return _suspected(policy, c, now, "stalled", summary)


def _still_down(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if c.state is not State.OFFLINE or not c.wanted:
        return moves.rest(policy, c, now)
    why = fact.reason
    if fact.verdict == "refused" and policy.startable and not c.alive:
        if c.waiting_for is None:
            return moves.start(c, now)
        why = moves.waiting_words(c)
    return moves.rest(policy, replace(c, reason=why), now)


def _reached(failures: int, limit: int | None) -> bool:
    return limit is not None and failures >= limit


def _not_healthy_at_first(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if c.alive and policy.startable:
        return _looked_after(policy, c, fact, now)
    if fact.verdict != "refused" or not policy.startable:
        offline = c.moved(State.OFFLINE, now, fact.reason)
        hint = _OTHER_SERVICE if fact.verdict == "failed" and policy.startable else None
        return moves.rest(policy, replace(offline, hint=hint), now)
    if policy.on_demand and not c.summoned:
        return moves.stand_by(c, now)
    if c.waiting_for is not None:
        return moves.rest(policy, c.moved(State.OFFLINE, now, moves.waiting_words(c)), now)
    if c.missed and policy.mends:
        unseen = "it ended while LlamaRunner Pro was not running"
        opened = moves.open_incident(c, now, "exit", unseen)
        then = moves.attempt_now(opened.condition, now)
        return Decision(then.condition, (*opened.actions, *then.actions))
    return moves.start(c, now)


def _looked_after(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    """Its process runs but is not well: give it the time that any start or hang gets."""
    if fact.verdict == "refused":
        starting = replace(c.moved(State.STARTING, now, fact.reason), progress_at_s=now)
        return moves.sleep_until(starting, now + policy.startup_period_s)
    return moves.rest(policy, replace(c.moved(State.DEGRADED, now, fact.reason), failures=1), now)


def _unresponsive(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    if c.waiting_for is not None:
        why = moves.waiting_words(c, fact.reason)
        down = State.DEGRADED if c.serving else State.OFFLINE
        return moves.rest(policy, replace(c.moved(down, now, why), failures=0), now)
    if not _may_repair(policy, c):
        wanted = c.wanted and policy.restart_policy != "never"
        offline = replace(c.moved(State.OFFLINE, now, fact.reason), wanted=wanted)
        return moves.rest(policy, offline, now)
    if c.serving and _working(policy, c, fact):
        return moves.rest(policy, c.moved(State.DEGRADED, now, _busy_words(fact)), now)
    summary = f"{c.failures} health checks in a row failed: {fact.reason}"
    if fact.verdict == "refused":
        return moves.repair(c, now, "unresponsive", summary)
    if policy.inference and c.false_alarm:
        return moves.order_probe(c, "verify")
    return _suspected(policy, c, now, "unresponsive", summary)


def completions_failed(
    policy: Policy, c: Condition, fact: CompletionsFailed, now: float
) -> Decision:
    """Clients get errors while the health check passes: one token has the last word."""
    if not c.serving or c.pending not in (None, "liveness"):
        return Decision(c)
    summary = f"{fact.count} completions in a row failed"
    if policy.inference and _may_repair(policy, c):
        return _suspected(policy, c, now, "unresponsive", summary)
    return moves.rest(policy, c.moved(State.DEGRADED, now, summary), now)


def _suspected(policy: Policy, c: Condition, now: float, cause: Cause, summary: str) -> Decision:
    """Let one completion decide, where there is one to ask for; else the suspicion is enough."""
    if not policy.inference:
        return moves.repair(c, now, cause, summary)
    if c.false_alarm:
        # Looked into once already: quietly again, not with an incident every time.
        return moves.order_probe(c, "verify")
    opened = moves.open_incident(c, now, cause, summary)
    asked = moves.order_probe(opened.condition, "verify")
    return Decision(asked.condition, (*opened.actions, BeginStep("verify"), *asked.actions))


def _may_repair(policy: Policy, c: Condition) -> bool:
    return policy.mends and c.watching and c.waiting_for is None


def _working(policy: Policy, c: Condition, fact: Probed) -> bool:
    """Silent because it works: nobody ends a request that moves, within reason."""
    silent_s = c.failures * policy.liveness_period_s
    moving = fact.verdict == "timeout" and fact.activity == "moving"
    return moving and silent_s <= BUSY_PATIENCE * policy.stall_s


def _busy_words(fact: Probed) -> str:
    return f"busy: its work goes on, but {fact.reason}"


def _once_more(policy: Policy, c: Condition, fact: Probed, now: float) -> Decision:
    """The machine slept or its clock jumped: this verdict does not count."""
    if fact.purpose == "startup":
        late = replace(c, progress_at_s=now)
        return moves.sleep_until(late, now + policy.startup_period_s)
    if fact.purpose == "liveness":
        return _next_look(policy, c, now)
    return moves.order_probe(c, fact.purpose)
