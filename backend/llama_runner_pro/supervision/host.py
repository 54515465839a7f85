"""The real world behind `effects.ProcessHost`: this machine's processes, ports and files."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.kind import base_url, port_of
from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.endpoints.ports import Evidence
from llama_runner_pro.supervision.effects import Ended, StepReport
from llama_runner_pro.supervision.events import Exited
from llama_runner_pro.supervision.process import ports
from llama_runner_pro.supervision.process.command import (
    Runtime,
    build_command,
    build_stop_command,
)
from llama_runner_pro.supervision.process.exit_watch import wait_exit
from llama_runner_pro.supervision.process.identity import Identity, same_life, still_same
from llama_runner_pro.supervision.process.output import EndpointOutput
from llama_runner_pro.supervision.process.proven import holder_is, holder_of_ours
from llama_runner_pro.supervision.process.spawn import SpawnedProcess, spawn
from llama_runner_pro.supervision.process.state_file import ProcessRecord
from llama_runner_pro.supervision.process.tree import StopResult, StopStep, stop_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.records import Records

_log = logging.getLogger(__name__)
_LOG_TAIL_LINES = 200
_LAST_LINE_CHARS = 300
_EVIDENCE_S = 2.0
_PORT_LOOK_S = 0.1


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
    ) -> None:
        self._spec, self._profile = spec, profile_of(spec)
        self._runtime, self._records, self._clock = runtime, records, clock
        self._log_path, self.output = log_path, EndpointOutput(log_path)
        self._process: SpawnedProcess | Identity | None = None
        self._nonce = ""
        self._incarnation = 0
        self.adopted = False
        """The present process was started by somebody else, or by an earlier sidecar."""
        self._grace_s = spec.stop.grace_s

    @property
    def pid(self) -> int | None:
        """Process id of the process last started or adopted."""
        return None if self._process is None else self._process.pid

    def hurry(self, grace_s: float) -> None:
        """From now on give the process at most `grace_s` to end by itself."""
        self._grace_s = min(self._grace_s, grace_s)

    @property
    def stops_on_exit(self) -> bool:
        """It ends with the sidecar: we started it, and the user did not say to keep it."""
        return self._spec.on_exit == "stop" and not (self.adopted and not self._nonce)

    @property
    def _identity(self) -> Identity | None:
        process = self._process
        return process.identity if isinstance(process, SpawnedProcess) else process

    async def start(self, incarnation: int) -> int:
        """Clear what is left of the life before, check the port, start. Raises StartFailed."""
        await self._clear_leftovers()
        await self._claim_port()
        nonce = secrets.token_hex(16)
        command = build_command(self._spec, nonce=nonce, runtime=self._runtime)
        self.output.tail.start_at_end()
        process = await spawn(command, self._log_path)
        self._process, self._nonce, self._incarnation = process, nonce, incarnation
        self.adopted = False
        record = ProcessRecord(
            identity=process.identity, nonce=nonce, port=self._port, incarnation=incarnation
        )
        await self._records.put(self._spec.name, record)
        return process.pid

    async def adopt(self, incarnation: int) -> int | None:
        """A process recorded by an earlier sidecar, or the proven holder of the port."""
        record = self._records.get(self._spec.name)
        if record is not None and await asyncio.to_thread(still_same, record.identity):
            self._nonce = record.nonce
            return self._take(record.identity, incarnation)
        if record is not None and self._port is not None and not self._port_is_free():
            # A start script that became the server by `exec` no longer looks as recorded.
            ours = await holder_of_ours(self._port, record.nonce)
            if ours is not None:
                self._nonce = record.nonce
                return self._take(ours, incarnation)
        if not self._spec.process_name or self._port is None or self._port_is_free():
            return None
        found = await holder_is(self._port, self._spec.process_name)
        if found is None:
            return None
        self._nonce = ""
        return self._take(found, incarnation)

    def _take(self, identity: Identity, incarnation: int) -> int:
        self._process, self._incarnation, self.adopted = identity, incarnation, True
        return identity.pid

    async def wait(self) -> Exited:
        """Wait until the process ended; over at once when there is none. Cancelling is safe."""
        process, incarnation = self._process, self._incarnation
        if process is None:
            return Exited(incarnation, None, None)
        status = await wait_exit(process)
        await asyncio.to_thread(self.output.refresh)
        quiet = status.code == 0 or status.signal is not None
        return Exited(incarnation, status.code, status.signal, None if quiet else self._complaint())

    def _complaint(self) -> str | None:
        """The last thing it said: by preference the line that is meant for the user."""
        lines = [line for line in self.output.tail.last(_LOG_TAIL_LINES) if line.strip()]
        prefix = self._profile.complaint_prefix
        meant = [line.removeprefix(prefix) for line in lines if prefix and line.startswith(prefix)]
        chosen = meant or lines
        return chosen[-1].strip()[:_LAST_LINE_CHARS] if chosen else None

    async def stop(self, report: Callable[[StepReport], None]) -> Ended:
        """Graceful, then forced stop of everything that is provably this endpoint's."""
        identity = self._identity
        if identity is None:
            identity = await self._proven_holder()
        if identity is None:
            return await self._stop_by_command()
        asked = self._run_stop_command if self._spec.stop_command else None
        result = await stop_tree(
            identity,
            signal=self._spec.stop.signal,
            grace_s=self._grace_s,
            clock=self._clock,
            nonce=self._nonce,
            ask=asked,
            on_step=lambda step: report(_report(step)),
        )
        if not result.survivors:
            self._process = None
            await self._records.drop(self._spec.name)
        return _ended(result)

    async def _proven_holder(self) -> Identity | None:
        if not self._spec.process_name or self._port is None or self._port_is_free():
            return None
        return await holder_is(self._port, self._spec.process_name)

    async def _stop_by_command(self) -> Ended:
        """For what we cannot name a process of: the port tells whether the command worked."""
        if not self._spec.stop_command:
            return Ended(True, "nothing of ours was running")
        await self._run_stop_command()
        try:
            async with Deadline(self._clock, self._grace_s):
                while not self._port_is_free():
                    await self._clock.sleep(_PORT_LOOK_S)
        except TimeoutError:
            return Ended(False, f"the stop command was run, but port {self._port} is still in use")
        return Ended(True, "the stop command was run")

    async def _run_stop_command(self) -> None:
        """Run the user's stop command for at most the grace time; its failure is logged."""
        try:
            command = build_stop_command(self._spec, runtime=self._runtime)
            if command is None:
                return
            process = await spawn(command, self._log_path)
        except StartFailed as error:
            _log.warning("%s: the stop command did not run: %s", self._spec.name, error)
            return
        try:
            async with Deadline(self._clock, max(1.0, self._grace_s)):
                await wait_exit(process)
        except TimeoutError:
            _log.warning("%s: the stop command took too long and was ended", self._spec.name)
            await stop_tree(process.identity, grace_s=0.0, clock=self._clock)
            await wait_exit(process)

    async def evidence(self, exited: Exited | None) -> Evidence:
        """What can be known now; bounded to 2 s, gaps are left as None."""
        try:
            async with Deadline(self._clock, _EVIDENCE_S):
                return await self._gather(exited)
        except (TimeoutError, OSError, psutil.Error):
            return Evidence(pid=self.pid)

    async def _gather(self, exited: Exited | None) -> Evidence:
        await asyncio.to_thread(self.output.refresh)
        tail = tuple(self.output.tail.last(_LOG_TAIL_LINES))
        if exited is not None:
            return Evidence(
                pid=self.pid, exit_code=exited.code, signal=exited.signal, log_tail=tail
            )
        holder = None
        if self._port is not None and not self._port_is_free():
            holder = await ports.holder(self._port)
        return Evidence(
            pid=self.pid,
            rss_bytes=await asyncio.to_thread(self._rss_bytes),
            port_holder=None if holder is None else holder.text,
            log_tail=tail,
        )

    async def progress(self) -> tuple[int, int]:
        """Size of the log and resident memory, in bytes."""
        try:
            size = self._log_path.stat().st_size
        except OSError:
            size = 0
        return size, self._rss_bytes() or 0

    def _rss_bytes(self) -> int | None:
        identity = self._identity
        if identity is None or not same_life(identity):
            return None
        try:
            return int(psutil.Process(identity.pid).memory_info().rss)
        except psutil.Error:
            return None

    @property
    def _port(self) -> int | None:
        return port_of(self._spec, self._profile)

    def _port_is_free(self) -> bool:
        port = self._port
        host = urlsplit(base_url(self._spec, self._profile)).hostname or "127.0.0.1"
        if port is None or host not in ("127.0.0.1", "localhost", "::1"):
            return True
        return ports.is_free("::1" if host == "::1" else "127.0.0.1", port)

    async def _clear_leftovers(self) -> None:
        """Grandchildren outlive their parent; they hold the port and the memory."""
        identity = self._identity
        if identity is None:
            return
        result = await stop_tree(
            identity, grace_s=self._grace_s, clock=self._clock, nonce=self._nonce
        )
        if result.survivors:
            raise StartFailed(f"what is left of it could not be ended: {_ended(result).detail}")
        self._process = None

    async def _claim_port(self) -> None:
        port = self._port
        if port is None or self._port_is_free():
            return
        # Who cut itself off from its tree is known by the nonce that it was started under.
        record = self._records.get(self._spec.name)
        nonce = self._nonce or (record.nonce if record else "")
        stale = await holder_of_ours(port, nonce) if nonce else None
        if stale is not None:
            await stop_tree(stale, grace_s=self._grace_s, clock=self._clock, nonce=nonce)
            if self._port_is_free():
                return
        holder = await ports.holder(port)
        who = holder.text if holder else "another program"
        raise StartFailed(
            f"port {port} is held by {who}",
            hint="Stop that program or give this endpoint another port, then press Heal.",
            final=True,
        )


def _report(step: StopStep) -> StepReport:
    return StepReport(step.step, step.ok is not None, step.ok is not False, step.detail)


def _ended(result: StopResult) -> Ended:
    if result.survivors:
        pids = ", ".join(str(identity.pid) for identity in result.survivors)
        return Ended(False, f"pid {pids} survived being killed")
    return Ended(True, result.steps[-1].detail if result.steps else "nothing was running")
