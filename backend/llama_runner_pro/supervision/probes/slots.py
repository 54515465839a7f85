"""How far the requests in flight have come, as llama.cpp's `/slots` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.kind import base_url, join_url
from llama_runner_pro.supervision.probes.http import Http, exchange
from llama_runner_pro.supervision.probes.result import ProbeResult

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.kind import KindProfile
    from llama_runner_pro.endpoints.spec import EndpointSpec

_MOST = 1_000
_COUNTERS = ("n_decoded", "n_prompt_tokens_processed", "n_past", "n_remain")


class Slots(ValueObject, frozen=True):
    """Requests in flight. Two equal values: nothing moved between them."""

    busy: int
    marks: tuple[tuple[object, ...], ...] = ()
    """Per busy slot: its task and its counters."""


async def slots(
    http: Http, spec: EndpointSpec, profile: KindProfile, timeout_s: float
) -> Slots | None:
    """Ask what is in flight; None when the endpoint does not tell. Cancelling is safe."""
    if not profile.native_metrics:
        return None
    url = join_url(base_url(spec, profile), "/slots")
    answer = await exchange(http, "GET", url, spec, timeout_s)
    if isinstance(answer, ProbeResult) or answer.status != 200:
        return None
    return read_slots(answer.body)


def read_slots(body: bytes) -> Slots | None:
    """The slots in an answer of `/slots`; None when it is not one."""
    try:
        document = msgspec.json.decode(body)
    except UNREADABLE:
        return None
    if not isinstance(document, list):
        return None
    busy = [slot for slot in document[:_MOST] if isinstance(slot, dict) and _is_busy(slot)]
    return Slots(len(busy), tuple(_mark(slot) for slot in busy))


def _is_busy(slot: dict[str, Any]) -> bool:
    return slot.get("is_processing") is True


def _mark(slot: dict[str, Any]) -> tuple[object, ...]:
    nested = slot.get("next_token")
    # A list of one in newer versions.
    token = nested[0] if isinstance(nested, list) and nested else nested
    counters = token if isinstance(token, dict) else {}
    return (
        slot.get("id"),
        slot.get("id_task"),
        *(slot.get(name, counters.get(name)) for name in _COUNTERS),
    )
