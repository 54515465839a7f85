"""Leaves tests out that need hardware or a system that is not here; the gate names them."""

from __future__ import annotations

import shutil
import sys

import pytest

from provision import prometheus

PRESENT = {
    "needs_gpu": shutil.which("nvidia-smi") is not None,
    "needs_windows": sys.platform == "win32",
    "needs_macos": sys.platform == "darwin",
    "needs_prometheus": prometheus.find() is not None,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what cannot run here, with the mark's name first: the gate looks for it."""
    for item in items:
        for need, is_here in PRESENT.items():
            if not is_here and item.get_closest_marker(need) is not None:
                item.add_marker(pytest.mark.skip(reason=f"{need}: not on this computer"))
