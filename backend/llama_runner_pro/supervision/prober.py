"""Which check answers which question, and how long it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.supervision.probes.http import health
from llama_runner_pro.supervision.probes.inference import one_token

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import Purpose
    from llama_runner_pro.supervision.probes.http import Http
    from llama_runner_pro.supervision.probes.result import ProbeResult


class EndpointProber:
    """Checks one endpoint over HTTP."""

    def __init__(self, http: Http, spec: EndpointSpec) -> None:
        self._http, self._spec = http, spec
        self._profile = profile_of(spec)

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
