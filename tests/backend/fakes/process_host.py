"""A process that exists in memory only; tests say when it starts, ends, or refuses to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.ports import Evidence
from llama_runner_pro.supervision.effects import Effort, Ended, Recalled, StepReport
from llama_runner_pro.supervision.events import Exited

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.errors import StartFailed


class FakeProcessHost:
    """Satisfies `effects.ProcessHost`. `did` lists what was done to the process, in order."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.incarnation = 0
        self.start_fails: list[StartFailed | BaseException] = []
        """Errors of the next starts, first one first."""
        self.found: int | None = None
        """Pid of a process that a look finds running."""
        self.past: Recalled | None = None
        """What is written down of the last start."""
        self.cpu: float | None = None
        """Processor time used so far."""
        self.ignores_asking = False
        self.survives = False
        self.moved = (0, 0)
        self.gate: asyncio.Event | None = None
        """When set, starts and stops wait for it."""
        self.on_start: Callable[[], None] = lambda: None
        self._end: asyncio.Future[Exited] | None = None

    @property
    def running(self) -> bool:
        """The process exists."""
        return self._end is not None and not self._end.done()

    @property
    def pid(self) -> int | None:
        """100 and the incarnation, or the pid that was found."""
        return self.found or (100 + self.incarnation if self.incarnation else None)

    async def start(
        self,
        incarnation: int,
        report: Callable[[StepReport], None] = lambda _: None,
        *,
        restarts: int = 0,
    ) -> int:
        """Start, unless the test has planned a failure; two at a time are a bug."""
        self.did.append("start")
        self.on_start()
        await self._pass_gate()
        report(StepReport("start", ended=False))
        if self.start_fails:
            raise self.start_fails.pop(0)
        assert not self.running, "a second process was started"
        self.found = None
        self.past = Recalled(incarnation, restarts)
        self._begin(incarnation)
        return 100 + incarnation

    def recall(self) -> Recalled | None:
        """What the test, or the last start, has written down."""
        return self.past

    async def adopt(self, incarnation: int) -> int | None:
        """Give the process that the test has put there."""
        self.did.append("look")
        await asyncio.sleep(0)
        if self.found is not None and not self.running:
            self._begin(incarnation)
        return self.found

    def _begin(self, incarnation: int) -> None:
        self.incarnation = incarnation
        self._end = asyncio.get_running_loop().create_future()

    def die(
        self,
        code: int | None = None,
        signal: str | None = None,
        last_line: str | None = None,
        oom: str | None = None,
    ) -> None:
        """End the process."""
        assert self._end is not None
        self._end.set_result(Exited(self.incarnation, code, signal, last_line, oom))

    async def wait(self) -> Exited:
        """Wait until the process has ended."""
        assert self._end is not None
        return await asyncio.shield(self._end)

    async def stop(self, report: Callable[[StepReport], None]) -> Ended:
        """Ask, force where asking is ignored, and say whether that worked."""
        self.did.append("stop")
        await self._pass_gate()
        if not self.running:
            return Ended(True, "nothing was running")
        report(StepReport("graceful_stop", ended=False))
        if not self.ignores_asking:
            self.die(signal="SIGTERM")
            report(StepReport("graceful_stop", ended=True, detail="1 process ended"))
            return Ended(True, "1 process ended")
        report(StepReport("graceful_stop", ended=True, ok=False, detail="SIGTERM was ignored"))
        report(StepReport("forced_stop", ended=False))
        if self.survives:
            report(StepReport("forced_stop", ended=True, ok=False, detail="pid 101"))
            return Ended(False, "pid 101 survived being killed")
        self.die(signal="SIGKILL")
        report(StepReport("forced_stop", ended=True, detail="1 process killed"))
        return Ended(True, "1 process killed")

    async def evidence(self, exited: Exited | None) -> Evidence:
        """What the process left behind."""
        signal = exited.signal if exited else None
        code = exited.code if exited else None
        oom = exited.oom if exited else None
        tail = ("last words",)
        return Evidence(pid=self.pid, exit_code=code, signal=signal, oom=oom, log_tail=tail)

    async def progress(self) -> tuple[int, int]:
        """Bytes of log and memory, as the test says."""
        return self.moved

    async def effort(self) -> Effort:
        """Processor time, as the test says."""
        return Effort(self.cpu)

    async def _pass_gate(self) -> None:
        if self.gate is not None:
            await self.gate.wait()
