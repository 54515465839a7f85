"""What follows from the end of a process, or from a start that came to nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.condition import Condition, Decision, Policy
from llama_runner_pro.supervision.events import Exited, FailStep

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import Proposal


def exited(policy: Policy, c: Condition, fact: Exited, now: float, roll: float) -> Decision:
    """The process ended; `roll` in [0, 1) feeds the jitter of a wait that may follow."""
    if fact.incarnation != c.incarnation or not c.alive:
        return Decision(c)
    c = replace(c, alive=False)
    if c.pending == "stop" or c.state in (State.DISABLED, State.STOPPED, State.FAILED):
        return Decision(c)
    verifying = c.incident and c.pending == "verify"
    c = replace(moves.steadied(policy, c, now), token=c.token + 1, pending=None)
    c = replace(c, ooms=c.ooms + 1) if fact.oom else c
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
        why, less = fact.last_line or fact.words, policy.smaller if fact.oom else None
        return hopeless(policy, c, now, why, exited=fact, proposal=less)
    if c.waiting_for is not None and not c.incident:
        return _down_with_its_parent(policy, c, fact, now)
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
    if c.waiting_for is not None:
        return _down_with_its_parent(policy, c, fact, now)
    opened = moves.open_incident(c, now, "exit", fact.words, fact)
    c = replace(opened.condition, deaths_s=(*c.deaths_s, now))
    then = moves.next_attempt(policy, c, now, fact.words, roll)
    return Decision(then.condition, (*opened.actions, *then.actions))


def _down_with_its_parent(policy: Policy, c: Condition, fact: Exited, now: float) -> Decision:
    """What depends on something that is down is no fault of its own: no alarm, no repair."""
    why = moves.waiting_words(c, fact.words)
    return moves.rest(policy, c.moved(State.OFFLINE, now, why), now)


def hopeless(
    policy: Policy,
    c: Condition,
    now: float,
    reason: str,
    hint: str | None = None,
    *,
    exited: Exited | None = None,
    proposal: Proposal | None = None,
) -> Decision:
    """A start failed in a way that the next one would, too."""
    opened = moves.open_incident(c, now, "start_failed", reason, exited)
    hint = hint or "Put that right, then press Heal."
    end = moves.give_up(policy, opened.condition, now, reason, hint, proposal)
    return Decision(end.condition, (*opened.actions, FailStep(reason), *end.actions))
