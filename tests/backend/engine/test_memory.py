"""How much a model needs and how much there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.engine.demo import demo_model_path
from llama_runner_pro.engine.gguf import GgufHeader, read_header
from llama_runner_pro.engine.memory import (
    available_bytes,
    cache_bytes,
    needed_bytes,
    parse_cgroup,
    parse_meminfo,
    weights_bytes,
)

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024**2


def model(**values: int | list[int]) -> GgufHeader:
    """A header of architecture `x`."""
    named = {f"x.{key.replace('__', '.')}": value for key, value in values.items()}
    return GgufHeader(3, 0, {"general.architecture": "x", **named})  # type: ignore[dict-item]


def test_the_cache_of_the_demo_model_is_what_llama_cpp_allocates() -> None:
    # llama.cpp's own log: "KV buffer size = 45.00 MiB" for 2048 tokens.
    header = read_header(demo_model_path())
    assert cache_bytes(header, 2048) == 45 * MIB
    assert cache_bytes(header, 0) == cache_bytes(header, header.whole_number("context_length"))


@pytest.mark.parametrize(
    ("header", "expected_bytes"),
    [
        (model(block_count=2, embedding_length=64, attention__head_count=4), 2 * 4 * 32 * 10 * 2),
        (
            model(
                block_count=2,
                embedding_length=64,
                attention__head_count=4,
                attention__head_count_kv=[3, 1],
                attention__key_length=8,
                attention__value_length=4,
            ),
            (3 + 1) * 12 * 10 * 2,
        ),
        (
            model(
                block_count=2,
                attention__head_count=128,
                attention__kv_lora_rank=512,
                rope__dimension_count=64,
            ),
            2 * 576 * 10 * 2,
        ),
        (model(block_count=2), 0),
    ],
    ids=["every-head-cached", "grouped-and-per-layer", "latent", "no-attention"],
)
def test_the_cache_follows_the_kind_of_attention(header: GgufHeader, expected_bytes: int) -> None:
    assert cache_bytes(header, 10) == expected_bytes


def test_all_parts_of_a_split_model_count(tmp_path: Path) -> None:
    for part in (1, 2, 3):
        (tmp_path / f"big-0000{part}-of-00003.gguf").write_bytes(b"x" * part)
    (tmp_path / "other-00001-of-00003.gguf").write_bytes(b"x" * 100)
    assert weights_bytes(tmp_path / "big-00001-of-00003.gguf") == 6
    assert weights_bytes(tmp_path / "other-00001-of-00003.gguf") == 100


def test_a_model_needs_its_weights_its_cache_and_some_more() -> None:
    path = demo_model_path()
    header = read_header(path)
    needed = needed_bytes(path, header, 2048)
    assert needed > path.stat().st_size + cache_bytes(header, 2048)


def test_this_machine_has_some_memory_available() -> None:
    available = available_bytes()
    assert available is not None
    assert available > MIB


def test_meminfo_is_read_in_bytes() -> None:
    assert parse_meminfo("MemTotal: 9 kB\nMemAvailable:    2048 kB\n") == 2 * MIB
    assert parse_meminfo("MemTotal: 9 kB\n") is None


@pytest.mark.parametrize(
    ("maximum", "current", "stat", "expected"),
    [
        ("max\n", "5\n", "", None),
        ("", "", "", None),
        ("100\n", "70\n", "anon 1\ninactive_file 20\n", 50),
        ("100\n", "130\n", "", 0),
    ],
    ids=["no-limit", "no-cgroup", "old-file-pages-are-free", "over-the-limit"],
)
def test_a_container_limit_leaves_what_is_not_used(
    maximum: str, current: str, stat: str, expected: int | None
) -> None:
    assert parse_cgroup(maximum, current, stat) == expected
