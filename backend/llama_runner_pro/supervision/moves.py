"""The moves a repair is made of. Pure: condition in, decision out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

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
    from llama_runner_pro.endpoints.ports import Cause, Outcome, Proposal
    from llama_runner_pro.supervision.events import Action

ON_DEMAND = "loads on demand"
OOM_TRIES = 1
"""Starts with the same parameters after memory ran out."""
SUSPECT_BEAT_S = 3.0
"""Checks begin at most this far apart while one failure is not yet enough for a suspicion."""


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


def rest(policy: Policy, c: Condition, now: float) -> Decision:
    """Nothing to do before the next check; while monitoring is off, there is none.

    Checks keep their beat, however long each takes: a hang must not slow down its detection.
    """
    beat = c.checked_at_s + policy.liveness_period_s
    at = beat if beat > now else now + policy.liveness_period_s
    return sleep_until(c, at if c.watching else None)


def look_again(policy: Policy, c: Condition, now: float) -> Decision:
    """A check failed: the next ones follow closer, so that a hang is soon told from a hiccup."""
    beat = c.checked_at_s + min(policy.liveness_period_s, SUSPECT_BEAT_S)
    return sleep_until(c, max(beat, now) if c.watching else None)


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
        missed=False,
        false_alarm=False,
    )
    return Decision(moved, (Spawn(token, incarnation, c.restarts_total),))


def stop(c: Condition, now: float, after: AfterStop, reason: str | None = None) -> Decision:
    """Stop the process, then go on with `after`; a stop that runs already gets this end."""
    state = State.HEALING if after == "heal" else State.STOPPING
    moved = replace(c.moved(state, now, reason), wake_at_s=None, after_stop=after)
    if c.pending == "stop":
        return Decision(moved)
    token = c.token + 1
    return Decision(replace(moved, token=token, pending="stop"), (StopProcess(token),))


def stand_by(c: Condition, now: float) -> Decision:
    """Not running, and not started before somebody asks for it."""
    resting = c.moved(State.STOPPED, now, ON_DEMAND)
    return sleep_until(replace(resting, wanted=False, missed=False), None)


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
    """Open an incident, stop what runs, start anew. A hang counts as a death."""
    if cause in ("unresponsive", "stalled"):
        c = replace(c, deaths_s=(*c.deaths_s, now))
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
    moved = replace(moved, failures=0, failed_starts=0, missed=False, false_alarm=False)
    return Decision(moved, closed.actions)


def ready_and_watched(policy: Policy, c: Condition, now: float) -> Decision:
    """As `ready`, with the next check arranged."""
    decided = ready(c, now)
    return Decision(rest(policy, decided.condition, now).condition, decided.actions)


def give_up(
    policy: Policy,
    c: Condition,
    now: float,
    reason: str,
    hint: str,
    proposal: Proposal | None = None,
) -> Decision:
    """FAILED: says why, and what the user can do. Checks go on, in case somebody mends it."""
    closed = close_incident(c, "failed", reason)
    failed = closed.condition.moved(State.FAILED, now, reason)
    moved = replace(failed, hint=hint, proposal=proposal)
    return Decision(rest(policy, moved, now).condition, closed.actions)


def recent_deaths(policy: Policy, c: Condition, now: float) -> tuple[float, ...]:
    """Deaths that still count."""
    return tuple(t for t in c.deaths_s if now - t <= policy.budget_window_s)


def steadied(policy: Policy, c: Condition, now: float) -> Condition:
    """After long enough in service, delays begin anew."""
    online = c.online_since_s
    if online is None or now - online < policy.stable_after_s:
        return c
    return replace(c, restarts_in_run=0, ooms=0)


def _spent(policy: Policy, c: Condition, reason: str) -> str | None:
    """Why no further start may be tried; None when one may."""
    starts, deaths = c.failed_starts, len(c.deaths_s)
    once = policy.restart_policy == "never" or policy.budget == 1
    if once and starts:
        return f"its start failed: {reason}"
    if policy.budget and starts >= policy.budget:
        return f"{starts} starts in a row failed; the last one: {reason}"
    if policy.deaths_budget and deaths >= policy.deaths_budget:
        times = "once" if deaths == 1 else f"{deaths} times"
        return f"died {times} within {policy.budget_window_s / 60:g} min; last: {reason}"
    return None


def next_attempt(policy: Policy, c: Condition, now: float, reason: str, roll: float) -> Decision:
    """Start again: at once the first time, then after growing delays, until the budget is spent.

    `roll` in [0, 1) places the delay within its jitter. Expects an open incident.
    """
    c = replace(c, deaths_s=recent_deaths(policy, c, now))
    if c.waiting_for is not None:
        return wait_for_parent(policy, c, now)
    if c.ooms > OOM_TRIES:
        return _too_large(policy, c, now, reason)
    spent = _spent(policy, c, reason)
    if spent is not None:
        return give_up(policy, c, now, spent, "See its log for the reason, then press Heal.")
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


def wait_for_parent(policy: Policy, c: Condition, now: float) -> Decision:
    """BACKOFF for as long as what it depends on is down. Expects an open incident."""
    at_s = now + policy.liveness_period_s
    moved = replace(c.moved(State.BACKOFF, now, waiting_words(c)), pending=None, wake_at_s=at_s)
    return Decision(moved, (BeginStep("backoff", waiting_words(c)),))


def waiting_words(c: Condition, more: str | None = None) -> str:
    """`waiting for NAME`, with what would else be the reason behind it."""
    words = f"waiting for {c.waiting_for}"
    return f"{words} ({more})" if more else words


def _too_large(policy: Policy, c: Condition, now: float, reason: str) -> Decision:
    """One more try with the same parameters was made; what follows is for a person to choose."""
    hint = "Free some memory, then press Heal."
    if policy.smaller is not None:
        hint = "Accept the smaller parameters, or free some memory and press Heal."
    why = f"ran out of memory {c.ooms} times; last: {reason}"
    return give_up(policy, c, now, why, hint, policy.smaller)


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
    return replace(c, failed_starts=0, restarts_in_run=0, ooms=0, deaths_s=())


def _counted(c: Condition) -> Condition:
    return replace(c, restarts_in_run=c.restarts_in_run + 1, restarts_total=c.restarts_total + 1)
