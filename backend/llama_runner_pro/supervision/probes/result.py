"""What a probe found out."""

from __future__ import annotations

from typing import Literal

from llama_runner_pro.core.value_object import ValueObject

Verdict = Literal["ok", "loading", "failed", "refused", "timeout"]


class ProbeResult(ValueObject, frozen=True):
    """One verdict with its reason in words.

    ok: well. loading: answers, and says that its model is not ready yet. failed: answered what
    does not count as well. refused: nobody listens. timeout: no complete answer in time.
    """

    verdict: Verdict
    reason: str = ""
    response_ms: float | None = None
    """From the first byte sent to the last received; None without an answer."""
