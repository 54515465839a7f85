"""The few fields of a request's body that we look at, and how they are changed.

All others pass as they are, whatever they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.core.unreadable import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from mmap import mmap

_AFFINITY_TEXT_BYTES = 4_096


class StreamOptions(msgspec.Struct):
    """OpenAI's `stream_options`, as far as it concerns us."""

    include_usage: bool | None = None


class Envelope(msgspec.Struct):
    """What a request says about itself. Missing, or null: None."""

    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    messages: list[msgspec.Raw] | None = None
    prompt: msgspec.Raw = msgspec.Raw()

    @property
    def wants_usage(self) -> bool:
        """The client asked for the last chunk that holds `usage`."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    def affinity(self) -> bytes | None:
        """Digest of the conversation's beginning; it stays the same as the conversation grows."""
        if self.messages:
            start = bytes(self.messages[0])
            if len(self.messages) > 1:
                start += bytes(self.messages[1])
        else:
            start = bytes(self.prompt)
        if not start:
            return None
        # Only compared within this process, so Python's own hash will do.
        return hash(start[:_AFFINITY_TEXT_BYTES]).to_bytes(8, "little", signed=True)


_envelope = msgspec.json.Decoder(Envelope)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.encode


def read_envelope(body: bytes | memoryview) -> Envelope:
    """Raises `BadRequest` for what is not a JSON object, or holds one of these fields wrongly."""
    try:
        return _envelope.decode(body)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error), code="invalid_value") from error
    except UNREADABLE as error:
        raise BadRequest(f"the body is not JSON ({error})", code="invalid_json") from error


def edits(envelope: Envelope, model: str, *, add_usage: bool) -> dict[str, bytes]:
    """What must be changed for a server that knows the model as `model`: field → JSON."""
    changed = {} if envelope.model == model else {"model": _encode(model)}
    if add_usage and not envelope.wants_usage:
        changed["stream_options"] = b'{"include_usage":true}'
    return changed


def edited(body: bytes, changes: Mapping[str, bytes]) -> bytes:
    """The body with top-level fields replaced or added; all others keep their very bytes.

    Raises `BadRequest` for what is not a JSON object.
    """
    return b"".join(edit_pieces(body, changes)) if changes else body


def edit_pieces(
    body: bytes | memoryview | mmap, changes: Mapping[str, bytes]
) -> Iterator[bytes | memoryview]:
    """The pieces of the changed document, large ones as views. Raises as `edited` does."""
    try:
        fields = _fields.decode(body)
    except UNREADABLE as error:
        # Names of fields that nobody asked for are not looked at before.
        raise BadRequest(f"the body is not JSON ({error})", code="invalid_json") from error
    separator = b"{"
    for name, value in fields.items():
        yield separator + _encode(name) + b":"
        change = changes.get(name)
        yield memoryview(value) if change is None else change
        separator = b","
    for name, value_bytes in changes.items():
        if name not in fields:
            yield separator + _encode(name) + b":" + value_bytes
            separator = b","
    yield b"}"
