"""What clients send to Ollama's API. Fields that we do not know are ignored, as Ollama does."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.core.unreadable import UNREADABLE

S = TypeVar("S", bound=msgspec.Struct)


class FunctionCall(msgspec.Struct):
    """Which tool, and with what."""

    name: str = ""
    arguments: dict[str, Any] | str | None = None
    index: int | None = None


class ToolCall(msgspec.Struct):
    """A call that the model made earlier."""

    function: FunctionCall
    id: str | None = None


class Message(msgspec.Struct):
    """One turn of a conversation."""

    role: str
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[ToolCall] | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None


class Asked(msgspec.Struct, kw_only=True):
    """What chats and completions have in common."""

    model: str = ""
    stream: bool | None = None
    format: Any = None
    options: dict[str, Any] | None = None
    keep_alive: str | float | None = None
    think: bool | str | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None

    @property
    def streams(self) -> bool:
        """Ollama streams unless told otherwise."""
        return self.stream is not False


class ChatAsked(Asked, kw_only=True):
    """`/api/chat`."""

    messages: list[Message] | None = None
    tools: list[Any] | None = None


class GenerateAsked(Asked, kw_only=True):
    """`/api/generate`."""

    prompt: str | None = None
    suffix: str | None = None
    system: str | None = None
    template: str | None = None
    raw: bool | None = None
    images: list[str] | None = None


class EmbedAsked(msgspec.Struct, kw_only=True):
    """`/api/embed`."""

    model: str = ""
    input: str | list[str] | None = None
    truncate: bool | None = None
    dimensions: int | None = None
    keep_alive: str | float | None = None


class EmbeddingsAsked(msgspec.Struct, kw_only=True):
    """`/api/embeddings`, the older one."""

    model: str = ""
    prompt: str | None = None
    keep_alive: str | float | None = None


class Named(msgspec.Struct, kw_only=True):
    """Requests about one model; older clients say `name`."""

    model: str = ""
    name: str = ""
    stream: bool | None = None

    @property
    def wanted(self) -> str:
        """The model's name, whichever field it came in."""
        return self.model or self.name

    @property
    def streams(self) -> bool:
        """Progress is streamed unless told otherwise."""
        return self.stream is not False


class CopyAsked(msgspec.Struct, kw_only=True):
    """`/api/copy`."""

    source: str = ""
    destination: str = ""


class CreateAsked(Named, kw_only=True):
    """`/api/create`."""

    from_: str = msgspec.field(name="from", default="")
    system: str | None = None
    parameters: dict[str, Any] | None = None
    template: str | None = None
    quantize: str | None = None
    license: str | list[str] | None = None
    files: dict[str, Any] | None = None
    adapters: dict[str, Any] | None = None
    messages: list[Message] | None = None


def parsed(body: bytes, shape: type[S]) -> S:
    """The request in `body`. Raises `BadRequest` in words that name the field."""
    if not body.strip():
        raise BadRequest("missing request body")
    try:
        return msgspec.json.decode(body, type=shape)
    except UNREADABLE as error:
        raise BadRequest(f"invalid request: {error}") from error


def required(model: str) -> str:
    """The name of the model. Raises `BadRequest` when it is missing."""
    if not model:
        raise BadRequest("model is required", "model")
    return model
