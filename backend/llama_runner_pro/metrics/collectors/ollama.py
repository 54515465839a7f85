"""What an Ollama server has in memory, from its `/api/ps`."""

from __future__ import annotations

from datetime import UTC, datetime
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

_HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"
_FOREVER_S = 365 * 86_400
"""Ollama writes a date centuries away for a model that is to stay."""


class LoadedModel(msgspec.Struct, frozen=True):
    """One entry of `/api/ps` (Ollama, docs/api.md, "List running models")."""

    name: str = ""
    size: int = 0
    """Bytes in memory of both kinds."""
    size_vram: int = 0
    """Bytes of these on graphics cards."""
    expires_at: datetime | None = None
    context_length: int = 0


class _Answer(msgspec.Struct, frozen=True):
    models: list[LoadedModel] | None


def parse_ps(body: bytes) -> list[LoadedModel]:
    """The loaded models. Raises `ProtocolBroken` when the answer is another one."""
    try:
        return msgspec.json.decode(body, type=_Answer).models or []
    except UNREADABLE as error:
        raise ProtocolBroken(f"the answer is not a list of loaded models ({error})") from error


def summary(models: Sequence[LoadedModel], model: str | None, now: datetime | None) -> Found:
    """Values and reasons for one endpoint: of the model it names, or of all that are loaded.

    `now` is the server's time, when it tells it.
    """
    named = [one for one in models if model and one.name in {model, f"{model}:latest"}]
    counted = named if model else models
    values: dict[str, Value] = {
        "loaded_models": len(models),
        "memory_bytes": sum(one.size for one in counted),
        "gpu_memory_bytes": sum(one.size_vram for one in counted),
    }
    if not counted:
        reason = "no model is loaded" if not model else f"{model} is not loaded"
        return values, dict.fromkeys(("gpu_share_pct", "context_tokens", "expires_in_s"), reason)
    missing: dict[str, str] = {}
    size = sum(one.size for one in counted)
    values["gpu_share_pct"] = 100.0 * sum(one.size_vram for one in counted) / size if size else None
    values["context_tokens"] = max(one.context_length for one in counted) or None
    if values["context_tokens"] is None:
        missing["context_tokens"] = "this Ollama is too old to tell"
    left_s = _soonest_s(counted, now)
    if now is None:
        missing["expires_in_s"] = "the server does not tell its time"
    elif left_s is None or left_s > _FOREVER_S:
        missing["expires_in_s"] = "it stays loaded"
    else:
        values["expires_in_s"] = max(0, round(left_s))
    return values, missing


def _soonest_s(models: Sequence[LoadedModel], now: datetime | None) -> float | None:
    """Seconds until the first of them is unloaded."""
    times = (one.expires_at for one in models)
    known = [time for time in times if time is not None and time.tzinfo is not None]
    return min((time - now).total_seconds() for time in known) if known and now else None


class OllamaWatch(ModelWatch):
    """One Ollama server. It logs every request, and what it tells changes slowly."""

    min_interval_s = 5.0
    parts: ClassVar[Parts] = {
        "loaded_models": ("count", "Models in memory", "gauge"),
        "memory_bytes": ("bytes", "Memory of loaded models", "gauge"),
        "gpu_memory_bytes": ("bytes", "Graphics memory of loaded models", "gauge"),
        "gpu_share_pct": ("pct", "Part on the graphics card", "gauge"),
        "context_tokens": ("count", "Context", "gauge"),
        "expires_in_s": ("s", "Unloads in", "gauge"),
    }

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        response = await self._get(target, "/api/ps", "this Ollama is too old to tell")
        now = _server_time(response.headers.get("date"))
        return summary(parse_ps(response.body), target.model, now)


def _server_time(date: str | None) -> datetime | None:
    """The server's own clock: expiry is told in its time."""
    try:
        return None if date is None else datetime.strptime(date, _HTTP_DATE).replace(tzinfo=UTC)
    except ValueError:
        return None
