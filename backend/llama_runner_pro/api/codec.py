"""Frames as bytes: msgpack for our dashboard, JSON for everybody who asks for it.

Samples travel as float32 on msgpack: seven digits are more than a sensor gives, and a tick costs
half as much. Whole numbers (bytes, totals, times) stay whole and exact.
"""

from __future__ import annotations

from typing import Protocol

import msgpack
import msgspec

from llama_runner_pro.api.frames import (
    JSON_PROTOCOL,
    MSGPACK_PROTOCOL,
    ClientFrame,
    ServerFrame,
)
from llama_runner_pro.core.unreadable import UNREADABLE

Wire = bytes | str

_SAMPLES = frozenset({"values", "history"})


class MalformedFrame(Exception):
    """What a client sent is not a frame of the protocol; the text says why."""


class Codec(Protocol):
    """One subprotocol."""

    @property
    def subprotocol(self) -> str:
        """Its name in the handshake."""
        ...

    def encode(self, frame: ServerFrame) -> Wire:
        """Binary frames are bytes, text frames are str."""
        ...

    def decode(self, message: Wire) -> ClientFrame:
        """Raises MalformedFrame."""
        ...


class MsgpackCodec:
    """`llama-runner.v1.msgpack`."""

    subprotocol = MSGPACK_PROTOCOL

    def __init__(self) -> None:
        self._exact = msgpack.Packer(autoreset=True)
        self._samples = msgpack.Packer(autoreset=True, use_single_float=True)
        self._decoder = msgspec.msgpack.Decoder(ClientFrame)

    def encode(self, frame: ServerFrame) -> bytes:
        """One map; samples as float32, everything else exact."""
        document = msgspec.to_builtins(frame)
        parts = [self._exact.pack_map_header(len(document))]
        for key, value in document.items():
            parts.append(self._exact.pack(key))
            packer = self._samples if key in _SAMPLES else self._exact
            parts.append(packer.pack(value))
        return b"".join(parts)

    def decode(self, message: Wire) -> ClientFrame:
        """Raises MalformedFrame for text, for broken msgpack and for unknown frames."""
        if isinstance(message, str):
            raise MalformedFrame("this subprotocol speaks binary frames, not text")
        try:
            frame: ClientFrame = self._decoder.decode(message)
        except UNREADABLE as error:
            raise MalformedFrame(str(error)) from error
        return frame


class JsonCodec:
    """`llama-runner.v1.json`; field ids are strings there, as JSON has no other keys."""

    subprotocol = JSON_PROTOCOL

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(ClientFrame)

    def encode(self, frame: ServerFrame) -> str:
        """One object as text."""
        return self._encoder.encode(frame).decode()

    def decode(self, message: Wire) -> ClientFrame:
        """Raises MalformedFrame for broken JSON and for unknown frames; takes text and binary."""
        try:
            frame: ClientFrame = self._decoder.decode(message)
        except UNREADABLE as error:
            raise MalformedFrame(str(error)) from error
        return frame


def all_codecs() -> dict[str, Codec]:
    """Every subprotocol we speak, by name."""
    return {codec.subprotocol: codec for codec in (MsgpackCodec(), JsonCodec())}
