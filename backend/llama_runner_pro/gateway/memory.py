"""How much memory each model takes, as measured while it ran. Kept across restarts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llama_runner_pro.endpoints.spec import EndpointSpec

_WORTH_KEEPING = 0.05
"""Share by which a measurement must be larger to be written down."""


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """The most that one endpoint held."""

    of: str
    """What it was started as; other parameters need other amounts."""
    memory_bytes: int | None = None
    gpu_memory_bytes: int | None = None


def started_as(spec: EndpointSpec) -> str:
    """The same text for the same model with the same parameters."""
    said = (spec.kind, spec.model, spec.model_path, spec.start_command, spec.parameters)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]


class MemoryBook:
    """What was learned so far. `remember` is called with everything when it changed."""

    def __init__(
        self,
        known: Mapping[str, Learned] | None = None,
        remember: Callable[[dict[str, Learned]], None] = lambda _: None,
    ) -> None:
        """`remember` must not block."""
        self._known = dict(known or {})
        self._remember = remember

    def of(self, spec: EndpointSpec) -> Learned | None:
        """What this endpoint held when it ran as it is configured now; None: never seen."""
        known = self._known.get(spec.name)
        return known if known is not None and known.of == started_as(spec) else None

    def measured(
        self, spec: EndpointSpec, memory_bytes: int | None, gpu_memory_bytes: int | None
    ) -> None:
        """It holds that much now; None where nobody can tell."""
        if not memory_bytes and not gpu_memory_bytes:
            return
        before = self.of(spec) or Learned(of=started_as(spec))
        after = Learned(
            of=before.of,
            memory_bytes=_more(before.memory_bytes, memory_bytes),
            gpu_memory_bytes=_more(before.gpu_memory_bytes, gpu_memory_bytes),
        )
        if after != before:
            self._known[spec.name] = after
            self._remember(dict(self._known))


def _more(before: int | None, now: int | None) -> int | None:
    """The larger one, so long as it is noticeably larger."""
    if not now or (before is not None and now <= before * (1 + _WORTH_KEEPING)):
        return before
    return now
