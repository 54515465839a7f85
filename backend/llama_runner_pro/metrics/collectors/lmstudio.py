"""Which models LM Studio has loaded, from its own `/api/v0/models`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.metrics.collectors.model_watch import ModelWatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.model_watch import Found
    from llama_runner_pro.metrics.collectors.sensor import Parts
    from llama_runner_pro.metrics.model import Value

_TOO_OLD = "this LM Studio does not offer /api/v0/models (version 0.3.6 and later do)"


class ListedModel(msgspec.Struct, frozen=True):
    """One entry of `/api/v0/models` (LM Studio, REST API v0)."""

    id: str = ""
    state: str = "not-loaded"
    max_context_length: int | None = None
    loaded_context_length: int | None = None

    @property
    def loaded(self) -> bool:
        """Whether it is in memory."""
        return self.state == "loaded"


class _Answer(msgspec.Struct, frozen=True):
    data: list[ListedModel]


def parse_models(body: bytes) -> list[ListedModel]:
    """All models. Raises `ProtocolBroken` when the answer is another one."""
    try:
        return msgspec.json.decode(body, type=_Answer).data
    except UNREADABLE as error:
        raise ProtocolBroken(f"the answer is not LM Studio's list of models ({error})") from error


def summary(models: Sequence[ListedModel], model: str | None) -> Found:
    """Values and reasons for one endpoint: of the model it names, or of all that are loaded."""
    loaded = [one for one in models if one.loaded]
    counted = [one for one in loaded if one.id == model] if model else loaded
    values: dict[str, Value] = {"loaded_models": len(loaded), "available_models": len(models)}
    contexts = [one.loaded_context_length for one in counted if one.loaded_context_length]
    if contexts:
        values["context_tokens"] = max(contexts)
        return values, {}
    if counted:
        reason = "this LM Studio does not tell it"
    else:
        reason = f"{model} is not loaded" if model else "no model is loaded"
    return values, {"context_tokens": reason}


class LmstudioWatch(ModelWatch):
    """One LM Studio. It logs every request, and what it tells changes slowly."""

    min_interval_s = 5.0
    parts: ClassVar[Parts] = {
        "loaded_models": ("count", "Models in memory", "gauge"),
        "available_models": ("count", "Models on disk", "gauge"),
        "context_tokens": ("count", "Context", "gauge"),
    }

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        response = await self._get(target, "/api/v0/models", _TOO_OLD)
        return summary(parse_models(response.body), target.model)
