"""Small GGUF files, written byte by byte."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Value = int | str | list[int] | list[str]
    GgufWriter = Callable[..., Path]

UINT32, STRING, ARRAY, F32 = 4, 8, 9, 0


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def _value(value: Value) -> bytes:
    if isinstance(value, int):
        return struct.pack("<II", UINT32, value)
    if isinstance(value, str):
        return struct.pack("<I", STRING) + _text(value)
    head = struct.pack("<IIQ", ARRAY, STRING if isinstance(value[0], str) else UINT32, len(value))
    return head + b"".join(
        _text(item) if isinstance(item, str) else struct.pack("<I", item) for item in value
    )


@pytest.fixture
def write_gguf(tmp_path: Path) -> GgufWriter:
    """Write a complete file with one tensor of `tensor_values` floats; returns its path."""

    def write(values: dict[str, Value], tensor_values: int = 64, name: str = "tiny.gguf") -> Path:
        header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(values))
        header += b"".join(_text(key) + _value(value) for key, value in values.items())
        header += _text("weights") + struct.pack("<IQIQ", 1, tensor_values, F32, 0)
        padding = b"\0" * (-len(header) % 32)
        path = tmp_path / name
        path.write_bytes(header + padding + b"\1" * (4 * tensor_values))
        return path

    return write
