"""From an endpoint's spec to everything that watches it, on this machine."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.supervision.condition import Policy
from llama_runner_pro.supervision.host import LocalHost
from llama_runner_pro.supervision.monitor import Monitor
from llama_runner_pro.supervision.oom import smaller
from llama_runner_pro.supervision.pace import CHECKS_PER_S, pace_s
from llama_runner_pro.supervision.portrait import Portrait
from llama_runner_pro.supervision.prober import EndpointProber
from llama_runner_pro.supervision.process.command import startable, this_runtime
from llama_runner_pro.supervision.process.gpu_use import GpuUse
from llama_runner_pro.supervision.supervisor import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.diagnostics.service import Diagnostics
    from llama_runner_pro.supervision.events import SupervisionEvent
    from llama_runner_pro.supervision.probes.http import Http
    from llama_runner_pro.supervision.records import Records
    from llama_runner_pro.supervision.recovery_log import RecoveryLog

_log = logging.getLogger(__name__)


class Assembly:
    """Makes the monitor of each endpoint, with what all of them share."""

    def __init__(
        self,
        *,
        check_interval_s: float,
        endpoints: int,
        log_path: Callable[[str], Path],
        records: Records,
        recovery: RecoveryLog,
        http: Http,
        clock: Clock,
        publish: Callable[[SupervisionEvent], None],
        reserved: Callable[[], Collection[int]],
        debug: Callable[[], bool],
        diagnostics: Diagnostics,
    ) -> None:
        """`reserved` tells the ports that endpoints are configured with, `debug` the mode.

        `endpoints` is how many there are: very many leave less time for each.
        """
        self.adjust(check_interval_s, endpoints)
        self._log_path, self._records, self._recovery = log_path, records, recovery
        self._http, self._clock, self._publish = http, clock, publish
        self._reserved, self._debug, self._diagnostics = reserved, debug, diagnostics
        self._runtime, self._gpu = this_runtime(), GpuUse(clock)
        # An endpoint whose process is replaced keeps its heartbeats and its uptime.
        self._portraits: WeakValueDictionary[str, Portrait] = WeakValueDictionary()

    def adjust(self, check_interval_s: float, endpoints: int) -> None:
        """Go by these for endpoints made or adjusted from now on; `endpoints`: how many."""
        self._check_interval_s, self._least_s = check_interval_s, pace_s(endpoints)
        if self._least_s > check_interval_s:
            _log.warning(
                "%d endpoints: each is checked every %g s instead of every %g s, "
                "so that all checks together stay below %d a second",
                *(endpoints, self._least_s, check_interval_s, CHECKS_PER_S),
            )

    def watch(self, spec: EndpointSpec) -> Watched:
        """Everything for one endpoint; nothing runs yet."""
        host = LocalHost(
            spec,
            log_path=self._log_path(spec.name),
            records=self._records,
            runtime=self._runtime,
            clock=self._clock,
            reserved=self._reserved,
            debug=self._debug,
            gpu_pct=self._gpu.pct,
        )
        prober = EndpointProber(self._http, spec)
        portrait = self._portraits.get(spec.name) or Portrait(self._clock)
        self._portraits[spec.name] = portrait
        monitor = Monitor(
            spec,
            self._policy(spec),
            host=host,
            prober=prober,
            recovery=self._recovery,
            clock=self._clock,
            publish=self._publish,
            roll=random.random,
            portrait=portrait,
            debug=self._debug,
            diagnose=lambda incident_id: self._diagnose(incident_id, host),
        )

        def adjust(changed: EndpointSpec) -> None:
            host.adjust(changed)
            prober.adjust(changed)
            monitor.adjust(changed, self._policy(changed))

        return Watched(
            monitor=monitor,
            tend=host.tend,
            stops_on_exit=lambda: host.stops_on_exit,
            hurry=host.hurry,
            adjust=adjust,
        )

    async def _diagnose(self, incident_id: str, host: LocalHost) -> None:
        incident = self._recovery.get(incident_id)
        if incident is None:
            return
        record = self._records.get(incident.endpoint)
        self._recovery.begin_step(incident_id, "diagnostics")
        name = await self._diagnostics.record(incident, host.pid, record.nonce if record else "")
        detail = name or "the bundle could not be kept; the log says why"
        self._recovery.end_step(incident_id, ok=name is not None, detail=detail)

    def _policy(self, spec: EndpointSpec) -> Policy:
        profile = profile_of(spec)
        named = spec.model is not None or not profile.inference_needs_model
        policy = Policy.of(
            spec,
            startable=startable(spec),
            check_interval_s=self._check_interval_s,
            inference=profile.inference_path is not None and named,
            final_exit_codes=profile.final_exit_codes,
            smaller=smaller(spec),
        )
        return policy.paced(self._least_s)
