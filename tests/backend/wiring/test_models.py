"""A model file tells of its model while nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.servers import server

from llama_runner_pro.engine.demo import demo_model_path
from llama_runner_pro.wiring.models import examine

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_demo_model_is_described() -> None:
    path = demo_model_path()
    found = await examine(server("a", model_path=str(path), parameters={"ctx-size": 2048}))
    assert found is not None
    assert found.facts.architecture == "llama"
    assert found.facts.quantization == "Q4_1"
    assert (found.facts.context_length_max, found.facts.block_count) == (8192, 30)
    assert found.facts.size_bytes == path.stat().st_size
    assert found.facts.path == str(path)
    assert (found.facts.modified_ms or 0) > 0
    assert (found.needed_bytes or 0) > path.stat().st_size


@pytest.mark.parametrize("content", [None, b"PK"])
async def test_a_file_that_tells_nothing_is_nothing(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "m.gguf"
    if content is not None:
        path.write_bytes(content)
    assert await examine(server("a", model_path=str(path))) is None


async def test_neither_is_an_endpoint_without_one() -> None:
    assert await examine(server("a")) is None
