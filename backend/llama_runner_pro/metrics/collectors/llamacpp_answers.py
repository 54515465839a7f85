"""Reading what llama.cpp's server says about itself; no network here.

`/metrics` is Prometheus text whose names start with `llamacpp:`; `/slots` is a JSON list with
one object per slot (llama.cpp, tools/server/README.md).
"""

from __future__ import annotations

import msgspec

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.metrics.collectors.prometheus_text import samples

_PREFIX = "llamacpp:"


class _Decoding(msgspec.Struct, frozen=True):
    n_decoded: int = 0


class Slot(msgspec.Struct, frozen=True):
    """One slot: room for one request at a time."""

    id_task: int = -1
    """The present request, or the last one."""
    n_ctx: int = 0
    is_processing: bool = False
    n_prompt_tokens: int = 0
    """Tokens in the context: the prompt and what was generated since."""
    n_prompt_tokens_processed: int = 0
    next_token: list[_Decoding] | _Decoding = []

    @property
    def decoded(self) -> int:
        """Tokens generated for the present request. A list in newer servers, one in older."""
        if isinstance(self.next_token, _Decoding):
            return self.next_token.n_decoded
        return sum(entry.n_decoded for entry in self.next_token)


def parse_metrics(text: str) -> dict[str, float]:
    """Values by name without prefix; values with labels of the same name are added up.

    Raises `ProtocolBroken` when there is no llama.cpp metric in the text.
    """
    values: dict[str, float] = {}
    for name, value in samples(text, _PREFIX):
        values[name] = values.get(name, 0.0) + value
    if not values:
        raise ProtocolBroken("the answer holds no llama.cpp metrics")
    return values


def parse_slots(body: bytes) -> list[Slot]:
    """All slots. Raises `ProtocolBroken` when the answer is not a list of slots."""
    try:
        return msgspec.json.decode(body, type=list[Slot])
    except UNREADABLE as error:
        raise ProtocolBroken(f"the answer is not a list of slots ({error})") from error
