"""The real world behind `effects.ProcessHost`: this machine's processes, ports and files."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.endpoints.ports import Evidence
from llama_runner_pro.supervision.effects import (
    Effort,
    Ended,
    Recalled,
    StepReport,
    ended,
    reported,
)
from llama_runner_pro.supervision.events import Exited
from llama_runner_pro.supervision.evidence import LOG_TAIL_LINES, gather, last_words
from llama_runner_pro.supervision.oom import out_of_memory
from llama_runner_pro.supervision.port_claim import PortClaim
from llama_runner_pro.supervision.process import vitals
from llama_runner_pro.supervision.process.command import build_command
from llama_runner_pro.supervision.process.exit_watch import wait_exit
from llama_runner_pro.supervision.process.identity import Identity, still_same
from llama_runner_pro.supervision.process.limits import limit_memory
from llama_runner_pro.supervision.process.oom_counters import group_of
from llama_runner_pro.supervision.process.oom_watch import OomWatch
from llama_runner_pro.supervision.process.output import EndpointOutput
from llama_runner_pro.supervision.process.proven import holder_is, holder_of_ours
from llama_runner_pro.supervision.process.spawn import SpawnedProcess, spawn
from llama_runner_pro.supervision.process.stack_dump import dump_stacks
from llama_runner_pro.supervision.process.state_file import ProcessRecord, Start, became
from llama_runner_pro.supervision.process.stop_command import run_stop_command
from llama_runner_pro.supervision.process.tree import stop_tree
from llama_runner_pro.supervision.temp_cleanup import clean_up, in_words, temp_patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.process.command import Command, Runtime
    from llama_runner_pro.supervision.process.exit_watch import ExitStatus
    from llama_runner_pro.supervision.process.gpu_use import GpuPct
    from llama_runner_pro.supervision.records import Records

_log = logging.getLogger(__name__)
_EVIDENCE_S = 2.0


class LocalHost:
    """Starts, adopts, watches and stops the process of one endpoint on this machine."""

    def __init__(
        self,
        spec: EndpointSpec,
        *,
        log_path: Path,
        records: Records,
        runtime: Runtime,
        clock: Clock,
        reserved: Callable[[], Collection[int]] = tuple,
        debug: Callable[[], bool] = lambda: False,
        gpu_pct: GpuPct | None = None,
    ) -> None:
        """`reserved` tells the ports that other endpoints are configured with."""
        self._debug, self._gpu_pct = debug, gpu_pct
        self._runtime, self._records, self._clock = runtime, records, clock
        self._reserved = reserved
        self.adjust(spec)
        self._log_path, self.output = log_path, EndpointOutput(log_path)
        self._process: SpawnedProcess | Identity | None = None
        self._nonce, self._incarnation, self._began_ms = "", 0, 0
        self._oom_watch: OomWatch | None = None
        self.adopted = False
        """The present process was started by somebody else, or by an earlier sidecar."""

    def adjust(self, spec: EndpointSpec) -> None:
        """Go by `spec` from now on; a process that runs stays as it was started."""
        self._spec, self._profile = spec, profile_of(spec)
        self._claim = PortClaim(spec, self._clock, self._reserved)
        self._grace_s = spec.stop.grace_s

    @property
    def pid(self) -> int | None:
        """Process id of the process last started or adopted."""
        return None if self._process is None else self._process.pid

    def hurry(self, grace_s: float) -> None:
        """From now on give the process at most `grace_s` to end by itself."""
        self._grace_s = min(self._grace_s, grace_s)

    @property
    def ours(self) -> bool:
        """The present process was started by us, or by an earlier sidecar."""
        return not self.adopted or bool(self._nonce)

    @property
    def _identity(self) -> Identity | None:
        process = self._process
        return process.identity if isinstance(process, SpawnedProcess) else process

    async def start(
        self,
        incarnation: int,
        report: Callable[[StepReport], None] = lambda _: None,
        *,
        restarts: int = 0,
    ) -> int:
        """Clear what is left of the life before, check the port, start. Raises StartFailed."""
        past = self._records.get(self._spec.name)
        await self._clear_the_way(past, report)
        report(StepReport("start", ended=False))
        spec, nonce = self._spec, secrets.token_hex(16)
        command = build_command(spec, nonce=nonce, runtime=self._runtime, verbose=self._debug())
        self.output.tail.start_at_end()
        port, now_ms = self._claim.port, self._clock.wall_ms()
        began = Start(
            nonce=nonce, port=port, incarnation=incarnation, restarts=restarts, began_ms=now_ms
        )
        process = await self._spawn(command, began)
        if spec.limits.memory_bytes is not None:
            limit_memory(process.pid, spec.limits.memory_bytes)
        self._process, self._nonce, self._incarnation = process, nonce, incarnation
        self._oom_watch = OomWatch(group_of(process.pid))
        self._began_ms, self.adopted = now_ms, False
        await self._records.put(spec.name, became(began, process.identity))
        return process.pid

    async def _spawn(self, command: Command, began: Start) -> SpawnedProcess:
        """Noted first: a sidecar that is killed right after the start leaves nobody's process."""
        await self._records.begin(self._spec.name, began)
        try:
            return await spawn(command, self._log_path)
        except StartFailed:
            self._records.give_up(self._spec.name)
            raise

    async def _clear_the_way(
        self, past: ProcessRecord | None, report: Callable[[StepReport], None]
    ) -> None:
        """Ladder steps between a stop and a start: leftovers, port, temporary files."""
        # Who cut itself off from its tree is known by the nonce that it was started under.
        nonce = self._nonce or (past.nonce if past else "")
        began_ms = self._began_ms or (past.began_ms if past else 0)
        if self._claim.port is not None:
            report(StepReport("port", ended=False))
        await self._clear_leftovers()
        done = await self._claim.claim(nonce, self._grace_s)
        if self._claim.port is not None:
            report(StepReport("port", ended=True, detail=done))
        if self._spec.temp_paths and began_ms:
            report(StepReport("temp_cleanup", ended=False))
            patterns = temp_patterns(self._spec, self._runtime)
            # Debug mode: also what the dead process itself left behind.
            before_ms = self._clock.wall_ms() if self._debug() else began_ms
            removed = await in_own_thread("clean", clean_up, patterns, older_than_ms=before_ms)
            report(StepReport("temp_cleanup", ended=True, detail=in_words(removed)))

    def recall(self) -> Recalled | None:
        """What is written down of the process last started; None when nothing is."""
        record = self._records.get(self._spec.name)
        return None if record is None else Recalled(record.incarnation, record.restarts)

    async def adopt(self, incarnation: int) -> int | None:
        """A process recorded by an earlier sidecar, or the proven holder of the port."""
        record = self._records.get(self._spec.name)
        if record is not None and await in_own_thread("look", still_same, record.identity):
            self._nonce = record.nonce
            return self._take(record.identity, incarnation)
        if record is not None and self._claim.port is not None and not self._claim.is_free():
            # A start script that became the server by `exec` no longer looks as recorded.
            ours = await holder_of_ours(self._claim.port, record.nonce)
            if ours is not None:
                self._nonce = record.nonce
                return self._take(ours, incarnation)
        found = await self._proven_holder()
        if found is None:
            return None
        self._nonce = ""
        return self._take(found, incarnation)

    def _take(self, identity: Identity, incarnation: int) -> int:
        self._process, self._incarnation, self.adopted = identity, incarnation, True
        self._oom_watch = OomWatch(group_of(identity.pid))
        record = self._records.get(self._spec.name)
        self._began_ms = record.began_ms if record else 0
        return identity.pid

    async def wait(self) -> Exited:
        """Wait until the process ended; over at once when there is none. Cancelling is safe."""
        process, incarnation = self._process, self._incarnation
        if process is None:
            return Exited(incarnation, None, None)
        status = await wait_exit(process)
        oom = await in_own_thread("oom", self._out_of_memory, status)
        quiet = status.code == 0 or status.signal is not None
        complaint = None if quiet else last_words(self.output, self._profile)
        return Exited(incarnation, status.code, status.signal, complaint, oom)

    def _out_of_memory(self, status: ExitStatus) -> str | None:
        self.output.refresh()
        if status.code in self._profile.memory_exit_codes:
            return f"it says: {last_words(self.output, self._profile)}"
        return out_of_memory(
            status.code,
            status.signal,
            counters_rose=self._oom_watch is not None and self._oom_watch.rose(),
            log=self.output.tail.last(LOG_TAIL_LINES),
        )

    async def stop(self, report: Callable[[StepReport], None]) -> Ended:
        """Graceful, then forced stop of everything that is provably this endpoint's."""
        identity = self._identity or await self._proven_holder()
        if identity is None:
            return await self._stop_by_command()
        result = await stop_tree(
            identity,
            signal=self._spec.stop.signal,
            grace_s=self._grace_s,
            clock=self._clock,
            nonce=self._nonce,
            ask=self._ask_by_command if self._spec.stop_command else None,
            before_force=self._dump_stacks if self._debug() else None,
            on_step=lambda step: report(reported(step)),
        )
        if not result.survivors:
            self._process = None
            await self._records.drop(self._spec.name)
        return ended(result)

    async def _dump_stacks(self, tree: list[Identity]) -> None:
        for line in await dump_stacks(tree, self._nonce, self.output, self._clock):
            _log.info("%s, before it is killed: %s", self._spec.name, line)

    async def _proven_holder(self) -> Identity | None:
        if not self._spec.process_name or self._claim.port is None or self._claim.is_free():
            return None
        return await holder_is(self._claim.port, self._spec.process_name)

    async def _stop_by_command(self) -> Ended:
        """For what we cannot name a process of: the port tells whether the command worked."""
        if not self._spec.stop_command:
            return Ended(True, "nothing of ours was running")
        await self._ask_by_command()
        if not await self._claim.freed_within(self._grace_s):
            still = f"port {self._claim.port} is still in use"
            return Ended(False, f"the stop command was run, but {still}")
        return Ended(True, "the stop command was run")

    async def _ask_by_command(self) -> None:
        spec, runtime = self._spec, self._runtime
        await run_stop_command(spec, runtime, self._log_path, self._clock, self._grace_s)

    async def evidence(self, exited: Exited | None) -> Evidence:
        """What can be known now; bounded to 2 s, gaps are left as None."""
        try:
            async with Deadline(self._clock, _EVIDENCE_S):
                return await gather(self.pid, self._identity, self._claim, self.output, exited)
        except (TimeoutError, OSError, psutil.Error):
            return Evidence(pid=self.pid)

    async def progress(self) -> tuple[int, int]:
        """Size of the log and resident memory, in bytes."""
        try:
            size = self._log_path.stat().st_size
        except OSError:
            size = 0
        return size, vitals.rss_bytes(self._identity) or 0

    async def effort(self) -> Effort:
        """What the whole process tree works."""
        cpu_s, pids = await in_own_thread("effort", vitals.cpu_s_and_pids, self._identity)
        return Effort(cpu_s, await self._gpu_pct(pids) if self._gpu_pct else None)

    def tend(self) -> None:
        """Read and rotate the output, look at the kernel's counters. Blocking; every 2 s."""
        self.output.refresh()
        if self._oom_watch is not None:
            self._oom_watch.look()

    async def _clear_leftovers(self) -> None:
        """Grandchildren outlive their parent; they hold the port and the memory."""
        identity = self._identity
        if identity is None:
            return
        result = await stop_tree(
            identity, grace_s=self._grace_s, clock=self._clock, nonce=self._nonce
        )
        if result.survivors:
            raise StartFailed(f"what is left of it could not be ended: {ended(result).detail}")
        self._process = None
