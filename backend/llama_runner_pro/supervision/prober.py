"""Which check answers which question, and how long it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.supervision.probes.http import health
from llama_runner_pro.supervision.probes.inference import one_token
from llama_runner_pro.supervision.probes.slots import slots

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import Purpose
    from llama_runner_pro.supervision.probes.http import Http
    from llama_runner_pro.supervision.probes.result import ProbeResult
    from llama_runner_pro.supervision.probes.slots import Slots

_SLOTS_S = 1.0


class EndpointProber:
    """Checks one endpoint over HTTP."""

    def __init__(self, http: Http, spec: EndpointSpec) -> None:
        self._http = http
        self.adjust(spec)

    def adjust(self, spec: EndpointSpec) -> None:
        """Check by `spec` from now on."""
        self._spec, self._profile = spec, profile_of(spec)

    async def check(self, purpose: Purpose) -> ProbeResult:
        """One check under its own deadline. Never raises for a sick endpoint."""
        probes = self._spec.probes
        if purpose in ("verify", "verify_ready") and probes.inference.enabled:
            answer = await one_token(
                self._http, self._spec, self._profile, probes.inference.timeout_s
            )
            if answer is not None:
                return answer
        timed = probes.startup if purpose in ("first", "startup") else probes.liveness
        timeout_s = self._spec.timeout or timed.timeout_s
        return await health(self._http, self._spec, self._profile, timeout_s)

    async def slots(self) -> Slots | None:
        """The requests in flight; None when the endpoint does not tell."""
        return await slots(self._http, self._spec, self._profile, _SLOTS_S)
