"""Reads as much of a GGUF file as the checks before and after loading need.

Source: the GGUF specification in the ggml repository (docs/gguf.md), versions 2 and 3. Never trusts
a length it read: everything is bounded by the file's real size.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAGIC: Final = b"GGUF"
_FIXED_HEADER_BYTES: Final = 24
_DEFAULT_ALIGNMENT_BYTES: Final = 32

_STRING: Final = 8
_ARRAY: Final = 9
_SCALARS: Final = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
# fmt: off
_BLOCKS: Final = {  # ggml type: (values per block, bytes per block); unknown types count as 0 bytes
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}
# fmt: on
_LONGEST_KEPT_ARRAY: Final = 4096

Scalar = int | float | bool | str


class GgufBroken(Exception):
    """The file does not follow the format, or ends before its own header does."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The facts a header holds about its model; arrays of text are left out."""

    version: int
    tensor_count: int
    values: Mapping[str, Scalar | list[Scalar]] = field(default_factory=dict)

    def whole_number(self, key: str) -> int:
        """The value of `{architecture}.{key}`, or 0 when it is absent or not a number."""
        value = self.values.get(f"{self.values.get('general.architecture', '')}.{key}", 0)
        return int(value) if isinstance(value, int | float) else 0

    def per_layer(self, key: str, layers: int) -> list[int]:
        """Like `whole_number`, for values that some models give once and others layer by layer."""
        value = self.values.get(f"{self.values.get('general.architecture', '')}.{key}")
        if isinstance(value, list):
            return [int(item) for item in value if isinstance(item, int | float)]
        return [self.whole_number(key)] * layers


def read_header(path: Path) -> GgufHeader:
    """Read the key-value section up to the tokenizer, whose long word lists would cost time.

    Raises `GgufBroken`, or `OSError` when the file cannot be read.
    """
    with _Cursor(path) as cursor:
        return _read_values(cursor, stop_at_tokenizer=True)


def missing_bytes(path: Path) -> int:
    """How many bytes the tensors lie beyond the end of the file; 0 when it is complete.

    Walks the whole header, tens of milliseconds for a large vocabulary. Raises `GgufBroken` when
    the header itself is damaged or cut off, or `OSError` when the file cannot be read.
    """
    with _Cursor(path) as cursor:
        header = _read_values(cursor, stop_at_tokenizer=False)
        end_bytes = 0
        for _ in range(header.tensor_count):
            cursor.text()
            values = 1
            for _ in range(cursor.number("<I")):
                values *= cursor.number("<Q")
            block_values, block_bytes = _BLOCKS.get(cursor.number("<I"), (1, 0))
            offset_bytes = cursor.number("<Q")
            end_bytes = max(end_bytes, offset_bytes + values // block_values * block_bytes)
        declared = header.values.get("general.alignment", _DEFAULT_ALIGNMENT_BYTES)
        alignment_bytes = declared if isinstance(declared, int) and declared > 0 else 1
        data_start_bytes = -(-cursor.position_bytes // alignment_bytes) * alignment_bytes
        return max(0, data_start_bytes + end_bytes - cursor.size_bytes)


def _read_values(cursor: _Cursor, *, stop_at_tokenizer: bool) -> GgufHeader:
    if cursor.take(4) != MAGIC:
        raise GgufBroken("it does not start with the letters GGUF")
    version = cursor.number("<I")
    if version not in (2, 3):
        raise GgufBroken(f"its format version {version} is not known")
    tensor_count = cursor.number("<Q")
    value_count = cursor.number("<Q")
    values: dict[str, Scalar | list[Scalar]] = {}
    for _ in range(value_count):
        key = cursor.text()
        if stop_at_tokenizer and key.startswith("tokenizer."):
            break
        value = cursor.value(cursor.number("<I"))
        if value is not None:
            values[key] = value
    return GgufHeader(version=version, tensor_count=tensor_count, values=values)


class _Cursor:
    """A position in a mapped file; every read is checked against the file's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.position_bytes = 0

    def __enter__(self) -> _Cursor:
        with self._path.open("rb") as file:
            self.size_bytes = file.seek(0, 2)
            if self.size_bytes < _FIXED_HEADER_BYTES:
                raise GgufBroken(f"it has only {self.size_bytes} bytes")
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return self

    def __exit__(self, *_: object) -> None:
        self._bytes.close()

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start = self.position_bytes
        self._skip(count)
        return self._bytes[start : start + count]

    def number(self, layout: str) -> int:
        """The next whole number."""
        return int(self.scalar(layout))

    def scalar(self, layout: str) -> int | float | bool:
        """The next number or truth value of a struct layout."""
        start = self.position_bytes
        self._skip(struct.calcsize(layout))
        value: int | float | bool = struct.unpack_from(layout, self._bytes, start)[0]
        return value

    def text(self) -> str:
        """The next string."""
        return self.take(self.number("<Q")).decode("utf-8", "replace")

    def value(self, kind: int) -> Scalar | list[Scalar] | None:
        """The next value of a type; None for arrays that nobody here needs."""
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        if kind not in _SCALARS:
            raise GgufBroken(f"it holds a value of unknown type {kind}")
        return self.scalar(_SCALARS[kind])

    def _array(self) -> list[Scalar] | None:
        kind = self.number("<I")
        count = self.number("<Q")
        if kind == _STRING:
            for _ in range(count):
                self._skip(self.number("<Q"))
            return None
        if kind not in _SCALARS:
            raise GgufBroken(f"it holds an array of unknown type {kind}")
        start = self.position_bytes
        layout = _SCALARS[kind]
        self._skip(count * struct.calcsize(layout))
        if count > _LONGEST_KEPT_ARRAY:
            return None
        return list(struct.unpack_from(f"<{count}{layout[1:]}", self._bytes, start))

    def _skip(self, count: int) -> None:
        if self.position_bytes + count > self.size_bytes:
            raise GgufBroken("it ends in the middle of its own header")
        self.position_bytes += count
