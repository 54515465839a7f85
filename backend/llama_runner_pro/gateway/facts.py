"""What is known of a model, from wherever it is known."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Mapping

Operation = Literal["llm", "vlm", "embedding"]


class Facts(ValueObject, frozen=True, kw_only=True):
    """As in `ModelView`. None where nobody told; nothing is guessed."""

    operation: Operation | None = None
    path: str | None = None
    size_bytes: int | None = None
    context_length: int | None = None
    context_length_max: int | None = None
    architecture: str | None = None
    parameter_count: int | None = None
    quantization: str | None = None
    embedding_length: int | None = None
    block_count: int | None = None
    head_count: int | None = None
    capabilities: tuple[str, ...] | None = None
    lacks: tuple[str, ...] | None = None
    """Of the same words those that its server certainly cannot do."""
    digest: str | None = None
    modified_ms: int | None = None
    slots: int | None = None
    """Requests that the server works on at once."""
    loaded: bool | None = None
    """Whether a server of several models holds this one in memory."""
    held_bytes: int | None = None
    held_gpu_bytes: int | None = None
    """What it holds while it is loaded, when its server tells."""
    expires_ms: int | None = None
    """When its server will unload it."""

    def over(self, other: Facts) -> Facts:
        """These facts, with those of `other` where these say nothing."""
        missing = {
            name: getattr(other, name)
            for name in self.__struct_fields__
            if getattr(self, name) is None
        }
        return replace(self, **missing)


class Offer(ValueObject, frozen=True):
    """A model that a server says it has."""

    model: str
    """As the server calls it."""
    facts: Facts = Facts()


@lru_cache(maxsize=1024)
def stable_digest(name: str, facts: Facts) -> str:
    """64 hex digits that stay the same for as long as the model does, running or not."""
    told = (facts.digest or "").removeprefix("sha256:").lower()
    if len(told) == 64 and not set(told) - set("0123456789abcdef"):
        return told
    text = "\0".join((name.lower(), facts.path or "", str(facts.size_bytes or "")))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def of_gguf(values: Mapping[str, object]) -> Facts:
    """Facts from the key-value section of a GGUF file."""
    name = values.get("general.architecture")
    arch = name if isinstance(name, str) else ""

    def number(key: str) -> int | None:
        value = values.get(f"{arch}.{key}")
        if isinstance(value, list) and value:
            value = max((one for one in value if isinstance(one, int)), default=None)
        return int(value) if isinstance(value, int | float) else None

    pooled = f"{arch}.pooling_type" in values
    parameters = values.get("general.parameter_count")
    file_type = values.get("general.file_type")
    return Facts(
        architecture=arch or None,
        parameter_count=parameters if isinstance(parameters, int) else None,
        quantization=FILE_TYPES.get(file_type) if isinstance(file_type, int) else None,
        context_length_max=number("context_length"),
        embedding_length=number("embedding_length"),
        block_count=number("block_count"),
        head_count=number("attention.head_count"),
        operation="embedding" if pooled else "llm",
        capabilities=("embedding",) if pooled else None,
    )


FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4_MOE",
}  # fmt: skip
"""`general.file_type` of the GGUF specification, by the names that llama.cpp prints."""
