"""Going on after a bug of ours ended a monitor's run in the middle of something. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.supervision import moves
from llama_runner_pro.supervision.condition import Condition, Decision, Policy
from llama_runner_pro.supervision.events import SpawnFailed, StopEnded
from llama_runner_pro.supervision.healer import decide

if TYPE_CHECKING:
    from llama_runner_pro.supervision.events import Fact

_CUT_SHORT = "an error in LlamaRunner Pro cut it short; see the monitor's log"


def resumed(policy: Policy, c: Condition, now: float) -> Decision:
    """Settle the order that nobody will answer any more, so that nothing waits for it forever.

    A check is ordered again and never counted as failed: no model is ended for our mistakes.
    """
    if c.pending is None:
        return Decision(c)
    lost: Fact
    if c.pending == "spawn":
        lost = SpawnFailed(c.token, _CUT_SHORT)
    elif c.pending == "stop":
        lost = StopEnded(c.token, False, _CUT_SHORT)
    else:
        return moves.order_probe(c, c.pending)
    return decide(policy, c, lost, now)
