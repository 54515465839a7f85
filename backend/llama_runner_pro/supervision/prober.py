"""Which check answers which question, and how long it may take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.supervision.probes.http import health
from llama_runner_pro.supervision.probes.inference import one_token
from llama_runner_pro.supervision.probes.result import ProbeResult
from llama_runner_pro.supervision.probes.slots import slots
from llama_runner_pro.supervision.probes.stranger import stranger
from llama_runner_pro.supervision.process.ports import holder

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.events import Purpose
    from llama_runner_pro.supervision.probes.http import Http
    from llama_runner_pro.supervision.probes.slots import Slots
    from llama_runner_pro.supervision.probes.stranger import FindHolder

_SLOTS_S = 1.0
_LOOK_AGAIN = 12
"""Checks after which what was found to be a stranger is looked at again."""


class EndpointProber:
    """Checks one endpoint over HTTP."""

    def __init__(self, http: Http, spec: EndpointSpec, find_holder: FindHolder = holder) -> None:
        self._http, self._find_holder = http, find_holder
        self.adjust(spec)

    def adjust(self, spec: EndpointSpec) -> None:
        """Check by `spec` from now on."""
        self._spec, self._profile = spec, profile_of(spec)
        self._stranger: str | None = None
        self._looks_until_asked: float = 0

    async def check(self, purpose: Purpose) -> ProbeResult:
        """One check under its own deadline. Never raises for a sick endpoint."""
        probes = self._spec.probes
        if purpose in ("verify", "verify_ready") and probes.inference.enabled:
            timeout_s = self._patience_s(purpose)
            answer = await one_token(self._http, self._spec, self._profile, timeout_s)
            if answer is not None:
                return answer
        timed = probes.startup if purpose in ("first", "startup") else probes.liveness
        timeout_s = self._spec.timeout or timed.timeout_s
        result = await health(self._http, self._spec, self._profile, timeout_s)
        if result.verdict == "refused":
            # Whoever listens there next is asked anew.
            self._looks_until_asked = 0
        elif purpose == "startup" and result.verdict == "ok":
            # We started it ourselves.
            self._stranger, self._looks_until_asked = None, math.inf
        elif purpose in ("first", "liveness") and result.verdict in ("ok", "failed"):
            return await self._recognised(result)
        return result

    def _patience_s(self, purpose: Purpose) -> float:
        """How long one token may take.

        After a start a model may be slow at first. A server under suspicion gets no longer than
        a health check: whether it computes is told by its activity, not by waiting.
        """
        probes = self._spec.probes
        if purpose == "verify_ready":
            return probes.inference.timeout_s
        return min(probes.inference.timeout_s, self._spec.timeout or probes.liveness.timeout_s)

    async def _recognised(self, result: ProbeResult) -> ProbeResult:
        """The result, unless it came from something else than was configured."""
        if self._looks_until_asked <= 0:
            found = await stranger(self._http, self._spec, self._profile, self._find_holder)
            self._stranger = found
            self._looks_until_asked = _LOOK_AGAIN if found or result.verdict != "ok" else math.inf
        self._looks_until_asked -= 1
        if self._stranger is None:
            return result
        return ProbeResult("failed", self._stranger, result.response_ms)

    async def slots(self) -> Slots | None:
        """The requests in flight; None when the endpoint does not tell."""
        return await slots(self._http, self._spec, self._profile, _SLOTS_S)
