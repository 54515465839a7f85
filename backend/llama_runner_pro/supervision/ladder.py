"""The order of a repair's steps, as far as it is known beforehand. Pure."""

from __future__ import annotations

_LADDER = (
    "verify",
    "graceful_stop",
    "forced_stop",
    "backoff",
    "port",
    "temp_cleanup",
    "start",
    "wait_ready",
    "verify_ready",
    "close",
)
_UNPLANNED = frozenset({"forced_stop", "backoff"})
"""Steps that follow only when the one before did not succeed."""


def next_step(step: str, *, port: bool, temp_paths: bool, inference: bool) -> str | None:
    """What follows `step` when that succeeds; None after the last, or for an unknown step.

    `port`, `temp_paths` and `inference` say whether there is a port to check, something to clean
    up and a completion to ask for.
    """
    if step not in _LADDER:
        return None
    left_out = set(_UNPLANNED)
    for applies, name in (
        (port, "port"),
        (temp_paths, "temp_cleanup"),
        (inference, "verify_ready"),
    ):
        if not applies:
            left_out.add(name)
    following = _LADDER[_LADDER.index(step) + 1 :]
    return next((name for name in following if name not in left_out), None)
