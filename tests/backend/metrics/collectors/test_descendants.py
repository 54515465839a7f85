from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.metrics.collectors.descendants import descendant_pids

if TYPE_CHECKING:
    from collections.abc import Iterator

# Starts a child of its own, tells its pid, and ends with its standard input.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"],
                         stdin=subprocess.PIPE)
print(child.pid, flush=True)
sys.stdin.read()
child.stdin.close()
child.wait()
"""


@pytest.fixture
def family() -> Iterator[tuple[int, int]]:
    """The pids of a parent and its child, both running."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        yield parent.pid, int(parent.stdout.readline())
        assert parent.stdin is not None
        parent.stdin.close()
        parent.wait(60)


def test_children_of_children_are_found(family: tuple[int, int]) -> None:
    parent, child = family
    assert descendant_pids(parent) == [child]


def test_a_process_without_children_has_none(family: tuple[int, int]) -> None:
    assert descendant_pids(family[1]) == []


def test_a_process_that_does_not_exist_has_none() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert descendant_pids(gone.pid) == []
