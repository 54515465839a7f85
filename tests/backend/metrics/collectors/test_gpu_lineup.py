from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.metrics.collectors.gpu_lineup import gpu_banks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.metrics.collectors.gpu_ports import GpuSource


def names(banks: Sequence[Sequence[GpuSource]]) -> list[list[str]]:
    return [[type(source).__name__ for source in bank] for bank in banks]


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("linux", [["NvmlSource", "GputilSource"], ["AmdSource"], ["IntelSource"]]),
        ("win32", [["NvidiaOnWindows", "GputilSource", "PdhSource"], ["PdhSource"]]),
        ("darwin", [["MacosSource"]]),
    ],
)
def test_every_system_has_its_sources(system: str, expected: list[list[str]]) -> None:
    assert names(gpu_banks(lambda: 0.0, system)) == expected
