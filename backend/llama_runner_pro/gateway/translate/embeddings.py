"""Vectors of `/v1/embeddings` for Ollama's clients."""

from __future__ import annotations

import base64
import math
from array import array

import msgspec

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.translate.chunks import Usage


class Vector(msgspec.Struct):
    """One of the answers; floats, or base64 of little-endian 32-bit floats."""

    embedding: list[float] | str
    index: int | None = None


class Vectors(msgspec.Struct):
    """The whole answer."""

    data: list[Vector]
    usage: Usage | None = None


_decoder = msgspec.json.Decoder(Vectors)


def vectors_of(body: bytes) -> tuple[list[list[float]], int | None]:
    """Vectors in the order of the texts, and the prompt's tokens. Raises `UpstreamBroken`."""
    try:
        answer = _decoder.decode(body)
    except UNREADABLE as error:
        raise UpstreamBroken(f"the model server's answer holds no vectors: {error}") from error
    told = sorted(
        enumerate(answer.data), key=lambda at: at[0] if at[1].index is None else at[1].index
    )
    vectors = [_floats(one.embedding) for _, one in told]
    return vectors, answer.usage.prompt_tokens if answer.usage else None


def unit(vector: list[float]) -> list[float]:
    """The vector at length 1, as Ollama gives it; a zero vector stays."""
    length = math.sqrt(math.fsum(value * value for value in vector))
    return [value / length for value in vector] if length else vector


def _floats(embedding: list[float] | str) -> list[float]:
    if isinstance(embedding, list):
        return embedding
    floats = array("f")
    try:
        floats.frombytes(base64.b64decode(embedding, validate=True))
    except ValueError as error:
        raise UpstreamBroken("the model server's vector cannot be read") from error
    return floats.tolist()
