"""Reading GGUF headers: real ones, damaged ones, cut off ones."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.engine.demo import demo_model_path
from llama_runner_pro.engine.gguf import GgufBroken, missing_bytes, read_header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LLAMA = {
    "general.architecture": "llama",
    "general.tags": ["chat", "en"],
    "llama.block_count": 3,
    "llama.attention.head_count_kv": [4, 2, 1],
    "tokenizer.ggml.tokens": ["a", "bc"],
    "tokenizer.ggml.scores": [1, 2],
}


def test_the_facts_before_the_tokenizer_are_read(write_gguf: Callable[..., Path]) -> None:
    header = read_header(write_gguf(LLAMA))
    assert (header.version, header.tensor_count) == (3, 1)
    assert header.whole_number("block_count") == 3
    assert header.whole_number("absent") == 0
    assert set(header.values) == {
        "general.architecture",
        "llama.block_count",
        "llama.attention.head_count_kv",
    }


def test_a_value_given_once_counts_for_every_layer(write_gguf: Callable[..., Path]) -> None:
    header = read_header(write_gguf(LLAMA))
    assert header.per_layer("attention.head_count_kv", 3) == [4, 2, 1]
    assert header.per_layer("block_count", 2) == [3, 3]


def test_the_demo_model_is_read_and_complete() -> None:
    header = read_header(demo_model_path())
    assert header.values["general.architecture"] == "llama"
    assert header.whole_number("block_count") == 30
    assert missing_bytes(demo_model_path()) == 0


def test_a_complete_file_misses_nothing_and_a_cut_one_says_how_much(
    write_gguf: Callable[..., Path],
) -> None:
    path = write_gguf(LLAMA)
    assert missing_bytes(path) == 0
    path.write_bytes(path.read_bytes()[:-100])
    assert missing_bytes(path) == 100


def test_a_tensor_of_unknown_type_is_not_called_missing(write_gguf: Callable[..., Path]) -> None:
    path = write_gguf(LLAMA)
    known = struct.pack("<IQIQ", 1, 64, 0, 0)
    path.write_bytes(path.read_bytes().replace(known, struct.pack("<IQIQ", 1, 64, 9999, 0)))
    assert missing_bytes(path) == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "only 0 bytes"),
        (b"GGUF", "only 4 bytes"),
        (b"PK\3\4" + bytes(40), "does not start with the letters GGUF"),
        (b"GGUF" + struct.pack("<IQQ", 77, 0, 0) + bytes(8), "format version 77"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1), "ends in the middle"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63), "ends in the middle"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + b"\xff" * 8, "unknown type"),
        (
            b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 99, 1),
            "array of unknown type 99",
        ),
    ],
)
def test_a_file_that_breaks_the_format_says_how(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(GgufBroken, match=reason):
        read_header(path)


def test_a_header_that_ends_inside_the_tokenizer_is_found_by_the_full_walk(
    write_gguf: Callable[..., Path],
) -> None:
    path = write_gguf(LLAMA)
    path.write_bytes(
        path.read_bytes().partition(b"tokenizer.ggml.tokens")[0] + b"tokenizer.ggml.tokens"
    )
    read_header(path)
    with pytest.raises(GgufBroken, match="ends in the middle"):
        missing_bytes(path)


def test_a_long_array_is_passed_over(write_gguf: Callable[..., Path]) -> None:
    header = read_header(
        write_gguf({"general.architecture": "x", "x.long": [0] * 5000, "x.end": 7})
    )
    assert header.whole_number("end") == 7
    assert "x.long" not in header.values
