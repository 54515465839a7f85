"""The moves a repair is made of. Pure: condition in, decision out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.resilience.backoff import delay_s
from llama_runner_pro.supervision.condition import (
    AfterStop,
    Condition,
    Decision,
    Policy,
)
from llama_runner_pro.supervision.events import (
    BeginStep,
    CloseIncident,
    Exited,
    FailStep,
    OpenIncident,
    Probe,
    Purpose,
    Spawn,
    StopProcess,
)

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import Cause, Outcome
    from llama_runner_pro.supervision.events import Action


def order_probe(c: Condition, purpose: Purpose) -> Decision:
    """Ask for one check now."""
    token = c.token + 1
    return Decision(
        replace(c, token=token, pending=purpose, wake_at_s=None),
        (Probe(token, purpose),),
    )


def sleep_until(c: Condition, at_s: float | None) -> Decision:
    """Nothing to do before `at_s`; None means until something happens."""
    return Decision(replace(c, pending=None, wake_at_s=at_s))


def start(c: Condition, now: float, reason: str | None = None) -> Decision:
    """Start the process: as a repair step when an incident is open, else as a plain start."""
    token, incarnation = c.token + 1, c.incarnation + 1
    moved = c.moved(State.HEALING if c.incident else State.STARTING, now, reason or c.reason)
    moved = replace(
        moved,
        token=token,
        incarnation=incarnation,
        pending="spawn",
        wake_at_s=None,
        failures=0,
    )
    actions: tuple[Action, ...] = (BeginStep("start"),) if c.incident else ()
    return Decision(moved, (*actions, Spawn(token, incarnation)))


def stop(c: Condition, now: float, after: AfterStop, reason: str | None = None) -> Decision:
    """Stop the process, then go on with `after`."""
    token = c.token + 1
    state = State.HEALING if after == "heal" else State.STOPPING
    moved = c.moved(state, now, reason or (c.reason if after == "heal" else None))
    moved = replace(moved, token=token, pending="stop", wake_at_s=None, after_stop=after)
    return Decision(moved, (StopProcess(token),))


def open_incident(
    c: Condition, now: float, cause: Cause, summary: str, exited: Exited | None = None
) -> Decision:
    """Enter HEALING with an incident; keeps the one that is open already."""
    moved = c.moved(State.HEALING, now, summary)
    actions: tuple[Action, ...] = ()
    if not c.incident:
        actions = (OpenIncident(cause, summary, exited),)
    return Decision(replace(moved, incident=True, pending=None, wake_at_s=None), actions)


def repair(c: Condition, now: float, cause: Cause, summary: str) -> Decision:
    """Open an incident, stop what runs, start anew."""
    opened = open_incident(c, now, cause, summary)
    stopping = stop(opened.condition, now, "heal", summary)
    return Decision(
        stopping.condition,
        (*opened.actions, *stopping.actions),
    )


def close_incident(c: Condition, outcome: Outcome, detail: str) -> Decision:
    """End the incident if one is open."""
    if not c.incident:
        return Decision(c)
    return Decision(replace(c, incident=False), (CloseIncident(outcome, detail),))


def ready(c: Condition, now: float) -> Decision:
    """It answers as it should: ONLINE, and the repair, if any, is over."""
    closed = close_incident(c, "healed", "answers again")
    moved = closed.condition.moved(State.ONLINE, now)
    return Decision(replace(moved, failures=0, failed_starts=0), closed.actions)


def ready_and_watched(policy: Policy, c: Condition, now: float) -> Decision:
    """As `ready`, with the next check arranged."""
    decided = ready(c, now)
    at = now + policy.liveness_period_s if c.watching else None
    return Decision(sleep_until(decided.condition, at).condition, decided.actions)


def give_up(policy: Policy, c: Condition, now: float, reason: str, hint: str) -> Decision:
    """FAILED: says why, and what the user can do. Checks go on, in case somebody mends it."""
    closed = close_incident(c, "failed", reason)
    moved = replace(closed.condition.moved(State.FAILED, now, reason), hint=hint)
    at = now + policy.liveness_period_s if c.watching else None
    return Decision(replace(moved, pending=None, wake_at_s=at), closed.actions)


def pruned_deaths(policy: Policy, c: Condition, now: float) -> tuple[float, ...]:
    """Deaths that still count."""
    return tuple(t for t in c.deaths_s if now - t <= policy.budget_window_s)


def next_attempt(policy: Policy, c: Condition, now: float, reason: str, roll: float) -> Decision:
    """Start again: at once the first time, then after growing delays, until the budget is spent.

    `roll` in [0, 1) places the delay within its jitter. Expects an open incident.
    """
    deaths = pruned_deaths(policy, c, now)
    c = replace(c, deaths_s=deaths)
    if policy.budget and c.failed_starts >= policy.budget:
        count = f"{c.failed_starts} starts in a row failed"
        return give_up(
            policy,
            c,
            now,
            f"{count}; the last one: {reason}",
            "See its log, mend, then Heal.",
        )
    if policy.budget and len(deaths) >= policy.budget:
        window = f"{policy.budget_window_s / 60:g} min"
        return give_up(
            policy,
            c,
            now,
            f"died {len(deaths)} times within {window}; last: {reason}",
            "See its log for the reason, then press Heal to try again.",
        )
    if c.restarts_in_run == 0:
        return start(_counted(c), now, reason)
    wait_s = delay_s(
        c.restarts_in_run,
        initial_s=policy.backoff_initial_s,
        max_s=policy.backoff_max_s,
        jitter=policy.jitter,
        rand=lambda: roll,
    )
    moved = c.moved(State.BACKOFF, now, reason)
    return Decision(
        replace(moved, pending=None, wake_at_s=now + wait_s, next_attempt_at_s=now + wait_s),
        (BeginStep("backoff", f"next attempt in {wait_s:.1f} s"),),
    )


def attempt_now(c: Condition, now: float) -> Decision:
    """The wait is over, or somebody cut it short."""
    return start(_counted(c), now)


def failed_start(policy: Policy, c: Condition, now: float, reason: str, roll: float) -> Decision:
    """A start came to nothing: note it in an incident and try again within the budget."""
    opened = open_incident(c, now, "start_failed", reason)
    counted = replace(opened.condition, failed_starts=c.failed_starts + 1)
    then = next_attempt(policy, counted, now, reason, roll)
    return Decision(then.condition, (*opened.actions, FailStep(reason), *then.actions))


def forgiven(c: Condition) -> Condition:
    """A person asked: budgets and delays begin anew."""
    return replace(c, failed_starts=0, restarts_in_run=0, deaths_s=())


def _counted(c: Condition) -> Condition:
    return replace(c, restarts_in_run=c.restarts_in_run + 1, restarts_total=c.restarts_total + 1)
