"""Checks whose results a test decides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.supervision.probes.result import ProbeResult

if TYPE_CHECKING:
    from llama_runner_pro.supervision.events import Purpose
    from llama_runner_pro.supervision.probes.result import Verdict
    from llama_runner_pro.supervision.probes.slots import Slots

REASONS = {
    "ok": "",
    "loading": "Loading model",
    "failed": "status 500",
    "refused": "nobody listens there",
    "timeout": "no answer within 2 s",
}


class FakeProber:
    """Satisfies `effects.Prober`. One verdict for all checks, unless a purpose has its own."""

    def __init__(self, verdict: Verdict = "ok") -> None:
        self.verdict: Verdict = verdict
        self.by_purpose: dict[Purpose, Verdict] = {}
        self.asked: list[Purpose] = []
        self.in_flight: Slots | None = None
        """What `/slots` tells."""
        self.breaks: BaseException | None = None
        """Raised by the next check: a bug of ours."""
        self.held: list[tuple[Purpose, asyncio.Future[Verdict]]] = []
        self.holding = False
        """While true, checks wait until the test answers them."""

    async def check(self, purpose: Purpose) -> ProbeResult:
        """Answer at once, or when the test does."""
        self.asked.append(purpose)
        if self.breaks is not None:
            error, self.breaks = self.breaks, None
            raise error
        if self.holding:
            answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
            self.held.append((purpose, answer))
            return _result(await answer)
        return _result(self.by_purpose.get(purpose, self.verdict))

    async def slots(self) -> Slots | None:
        """The requests in flight, as the test says."""
        return self.in_flight

    def answer(self, verdict: Verdict) -> None:
        """Answer the oldest check that waits."""
        _, waiting = self.held.pop(0)
        waiting.set_result(verdict)


def _result(verdict: Verdict) -> ProbeResult:
    return ProbeResult(verdict, REASONS[verdict], 3.5 if verdict == "ok" else None)
