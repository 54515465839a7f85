"""What a probe found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "loading", "failed", "refused", "timeout"]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One verdict with its reason in words.

    ok: well. loading: answers, and says that its model is not ready yet. failed: answered what
    does not count as well. refused: nobody listens. timeout: no complete answer in time.
    """

    verdict: Verdict
    reason: str = ""
    response_ms: float | None = None
    """From the first byte sent to the last received; None without an answer."""
