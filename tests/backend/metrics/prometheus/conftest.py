"""A real Prometheus that holds two known hours, once for all modules here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.past_store import Written, two_hours
from fakes.real_prometheus import RealPrometheus, backfill

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def two_known_hours(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[RealPrometheus, Written]]:
    """Served below a path, as behind a proxy or by Mimir."""
    folder = tmp_path_factory.mktemp("prometheus")
    written, text = two_hours()
    backfill(folder, text)
    with RealPrometheus(folder, [], prefix="/metrics-store") as running:
        yield running, written
