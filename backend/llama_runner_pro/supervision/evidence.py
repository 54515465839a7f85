"""What is known of a fault before anything is touched, and what a process said last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.endpoints.ports import Evidence
from llama_runner_pro.supervision.process import ports, vitals

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.kind import KindProfile
    from llama_runner_pro.supervision.events import Exited
    from llama_runner_pro.supervision.port_claim import PortClaim
    from llama_runner_pro.supervision.process.identity import Identity
    from llama_runner_pro.supervision.process.output import EndpointOutput

LOG_TAIL_LINES = 200
_LAST_LINE_CHARS = 300


async def gather(
    pid: int | None,
    identity: Identity | None,
    claim: PortClaim,
    output: EndpointOutput,
    exited: Exited | None,
) -> Evidence:
    """Look at the process, its port and its log. Takes as long as the system does."""
    await in_own_thread("evidence", output.refresh)
    tail = tuple(output.tail.last(LOG_TAIL_LINES))
    if exited is not None:
        code, signal = exited.code, exited.signal
        return Evidence(pid=pid, exit_code=code, signal=signal, oom=exited.oom, log_tail=tail)
    holder = None
    if claim.port is not None and not claim.is_free():
        holder = await ports.holder(claim.port)
    return Evidence(
        pid=pid,
        rss_bytes=await in_own_thread("evidence", vitals.rss_bytes, identity),
        port_holder=None if holder is None else holder.text,
        log_tail=tail,
    )


def last_words(output: EndpointOutput, profile: KindProfile) -> str | None:
    """The last thing it said: by preference the line that is meant for the user."""
    lines = [line for line in output.tail.last(LOG_TAIL_LINES) if line.strip()]
    prefix = profile.complaint_prefix
    meant = [line.removeprefix(prefix) for line in lines if prefix and line.startswith(prefix)]
    chosen = meant or lines
    return chosen[-1].strip()[:_LAST_LINE_CHARS] if chosen else None
