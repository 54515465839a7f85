"""What model servers answer on `/v1/*`, as far as other APIs need it.

One shape serves whole answers and pieces of streams, of chats and of plain completions, and the
pieces of llama.cpp's own `/infill`: decoding into slots is what makes translated streams fast.
"""

from __future__ import annotations

from typing import Any

import msgspec

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.dialects import fault_of_answer

DONE = b"[DONE]"


class FunctionPiece(msgspec.Struct, gc=False):
    """Name and arguments of a call, or a piece of them."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class CallPiece(msgspec.Struct, gc=False):
    """A call of a tool, or a piece of one."""

    index: int | None = None
    id: str | None = None
    function: FunctionPiece | None = None


class Delta(msgspec.Struct, gc=False):
    """What the model said."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[CallPiece] | None = None

    @property
    def thinking(self) -> str | None:
        """Thoughts, whatever the server calls them."""
        return self.reasoning_content or self.reasoning


class Choice(msgspec.Struct, gc=False):
    """One of the answers; we ask for one."""

    index: int | None = 0
    delta: Delta | None = None
    message: Delta | None = None
    text: str | None = None
    finish_reason: str | None = None
    stop_reason: Any = None
    """vLLM's: the text, or the number of the token, that ended the answer."""
    logprobs: Any = None


class PromptDetails(msgspec.Struct):
    """Of the prompt's tokens."""

    cached_tokens: int | None = None


class CompletionDetails(msgspec.Struct):
    """Of the generated tokens."""

    reasoning_tokens: int | None = None


class Usage(msgspec.Struct):
    """How many tokens it took."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


class Timings(msgspec.Struct):
    """llama.cpp's own measurements, in tokens and milliseconds."""

    cache_n: int | None = None
    prompt_n: int | None = None
    prompt_ms: float | None = None
    predicted_n: int | None = None
    predicted_ms: float | None = None


class PromptProgress(msgspec.Struct):
    """How much of the prompt llama.cpp has read."""

    total: int = 0
    cache: int = 0
    processed: int = 0


class Chunk(msgspec.Struct, gc=False):
    """One event of a stream, or a whole answer."""

    choices: list[Choice] | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    error: Any = None
    object: Any = None
    """`error` where the whole event is one, as older vLLM has it."""
    id: str | None = None
    content: str | None = None
    """Of `/infill`, which has no choices."""
    stop: bool = False
    stop_type: str | None = None
    prompt_progress: PromptProgress | None = None


_decoder = msgspec.json.Decoder(Chunk)


def decode_chunk(payload: bytes) -> Chunk:
    """The answer in `payload`.

    Raises `UpstreamBroken` when it is none, or when the server tells of an error in it.
    """
    try:
        chunk = _decoder.decode(payload)
    except UNREADABLE as error:
        raise UpstreamBroken(f"the model server's answer makes no sense: {error}") from error
    if chunk.error is not None or chunk.object == "error":
        raise UpstreamBroken(fault_of_answer(500, payload).message)
    return chunk
