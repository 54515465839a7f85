"""Telling an end for lack of memory from others, and what to try then. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.ports import Proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.endpoints.spec import EndpointSpec

_TEXTS = (
    "out of memory",
    "out of device memory",
    "cudamalloc failed",
    "hipmalloc failed",
    "failed to allocate",
    "unable to allocate",
    "cannot allocate memory",
    "allocation failed",
    "not enough memory",
    "insufficient memory",
    "too little memory",
    "std::bad_alloc",
    "memoryerror",
    "vk_error_out_of_device_memory",
    "erroroutofmemory",
)
_HARMLESS = ("retrying without pipeline parallelism",)
_LINES = 60
_LINE_CHARACTERS = 160
_KILLED_CODES = frozenset({137, -9})
"""As a shell reports SIGKILL."""
_LEAST_CONTEXT = 512
_USUAL_CONTEXT = 4096
"""What an engine takes when it is told nothing, or to use all that the model was trained with."""
_OWN_ENGINES = ("embedded", "llamacpp")


def out_of_memory(
    code: int | None, signal: str | None, *, counters_rose: bool, log: Sequence[str]
) -> str | None:
    """What shows that the process ended for lack of memory; None when nothing does.

    `counters_rose`: the kernel ended some process for lack of memory at about that time.
    """
    if counters_rose and (signal == "SIGKILL" or code in _KILLED_CODES):
        return "the kernel ended it because memory ran out"
    if code == 0 or signal in ("SIGTERM", "SIGINT", "SIGKILL"):
        return None
    for line in reversed(log[-_LINES:]):
        lower = line.lower()
        if any(text in lower for text in _TEXTS) and not any(ok in lower for ok in _HARMLESS):
            return f"its log says: {line.strip()[:_LINE_CHARACTERS]}"
    return None


def smaller(spec: EndpointSpec) -> Proposal | None:
    """Half the context and half the layers on the GPU; None when nothing can shrink from here."""
    if spec.start_command or spec.kind not in _OWN_ENGINES:
        return None
    changed: dict[str, str | int | float | bool] = {}
    context = _number(spec, "ctx-size") or _USUAL_CONTEXT
    if context > _LEAST_CONTEXT:
        changed["ctx-size"] = max(_LEAST_CONTEXT, context // 2)
    layers = _number(spec, "gpu-layers")
    if layers:
        changed["gpu-layers"] = layers // 2
    if not changed:
        return None
    told = (f"{name} {value} instead of {_before(spec, name)}" for name, value in changed.items())
    return Proposal(kind="parameters", summary=f"use {', '.join(told)}", parameters=changed)


def _before(spec: EndpointSpec, name: str) -> object:
    return spec.parameters.get(name, _USUAL_CONTEXT)


def _number(spec: EndpointSpec, name: str) -> int | None:
    """A parameter as a whole number above 0, however it is written; None otherwise."""
    try:
        number = int(spec.parameters.get(name, 0))
    except (TypeError, ValueError):
        return None
    return number if number > 0 else None
