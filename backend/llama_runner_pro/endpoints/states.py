"""The states of an endpoint and the moves between them.

The graph below is printed in ARCHITECTURE.md; a test keeps the two equal.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What an endpoint is doing, in the words used on the wire and on screen."""

    DISABLED = "disabled"
    STOPPED = "stopped"
    STARTING = "starting"
    LOADING = "loading"
    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    HEALING = "healing"
    BACKOFF = "backoff"
    FAILED = "failed"
    STOPPING = "stopping"


MEANING: dict[State, str] = {
    State.DISABLED: "switched off by you; not watched",
    State.STOPPED: "not running, on purpose",
    State.STARTING: "started, not ready yet",
    State.LOADING: "answers, but is still loading its model",
    State.ONLINE: "ready",
    State.DEGRADED: "ready, but slow or failing some probes",
    State.OFFLINE: "not answering, and nothing was configured that could start it",
    State.HEALING: "a repair is running",
    State.BACKOFF: "waiting before the next attempt",
    State.FAILED: "gave up; needs you",
    State.STOPPING: "being stopped",
}

SERVING = frozenset({State.ONLINE, State.DEGRADED})
"""States in which the endpoint may get requests."""

RESTING = frozenset({State.DISABLED, State.STOPPED, State.FAILED, State.OFFLINE})
"""States that last until somebody or something outside acts."""

_S = State
ALLOWED: dict[State, frozenset[State]] = {
    _S.DISABLED: frozenset({_S.STOPPED, _S.STOPPING}),
    _S.STOPPED: frozenset(
        {_S.STARTING, _S.LOADING, _S.ONLINE, _S.DEGRADED, _S.OFFLINE, _S.HEALING}
        | {_S.STOPPING, _S.DISABLED}
    ),
    _S.STARTING: frozenset(
        {_S.LOADING, _S.ONLINE, _S.DEGRADED, _S.HEALING, _S.BACKOFF, _S.FAILED, _S.STOPPING}
        | {_S.OFFLINE, _S.STOPPED, _S.DISABLED}
    ),
    _S.LOADING: frozenset(
        {_S.ONLINE, _S.DEGRADED, _S.STARTING, _S.HEALING, _S.BACKOFF, _S.FAILED, _S.STOPPING}
        | {_S.OFFLINE, _S.STOPPED, _S.DISABLED}
    ),
    _S.ONLINE: frozenset(
        {_S.DEGRADED, _S.LOADING, _S.OFFLINE, _S.HEALING, _S.STOPPING, _S.STOPPED, _S.DISABLED}
    ),
    _S.DEGRADED: frozenset(
        {_S.ONLINE, _S.LOADING, _S.OFFLINE, _S.HEALING, _S.STOPPING, _S.STOPPED, _S.DISABLED}
    ),
    _S.OFFLINE: frozenset(
        {_S.ONLINE, _S.LOADING, _S.DEGRADED, _S.HEALING, _S.STARTING}
        | {_S.STOPPING, _S.STOPPED, _S.DISABLED}
    ),
    _S.HEALING: frozenset(
        {_S.ONLINE, _S.DEGRADED, _S.BACKOFF, _S.FAILED, _S.OFFLINE, _S.STOPPING}
        | {_S.STOPPED, _S.DISABLED}
    ),
    _S.BACKOFF: frozenset({_S.HEALING, _S.STOPPED, _S.DISABLED}),
    _S.FAILED: frozenset(
        {_S.HEALING, _S.STARTING, _S.LOADING, _S.ONLINE, _S.DEGRADED, _S.OFFLINE}
        | {_S.STOPPING, _S.STOPPED, _S.DISABLED}
    ),
    _S.STOPPING: frozenset({_S.STOPPED, _S.DISABLED, _S.STARTING, _S.HEALING, _S.FAILED}),
}


class IllegalTransition(RuntimeError):
    """A move that the table does not know: a bug of ours, never of the user."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"an endpoint cannot go from {before} to {after}")
        self.before = before
        self.after = after


def check_transition(before: State, after: State) -> State:
    """Return `after`; raise `IllegalTransition` when the table does not allow the move.

    Staying where one is counts as no move.
    """
    if before is not after and after not in ALLOWED[before]:
        raise IllegalTransition(before, after)
    return after
