"""Files of the past."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from fakes.past import FakePast

from llama_runner_pro.api.history_export import Export, most_rows
from llama_runner_pro.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def text(chunks: AsyncIterator[bytes]) -> str:
    """All of it."""
    return b"".join([chunk async for chunk in chunks]).decode()


async def exported(past: FakePast, to_ms: int, *names: str, step_ms: int = 1_000) -> Export:
    """An open export from 1970 on."""
    export = Export(past, names or ("load_1m",), 0, to_ms, step_ms, None)
    await export.open()
    return export


async def test_a_csv_has_a_heading_and_a_row_per_bucket() -> None:
    export = await exported(FakePast(), 3_000, "load_1m", "nobody")
    rows = list(csv.reader(io.StringIO(await text(export.as_csv()))))
    assert rows[0] == [
        *("time", "t_ms", "load_1m avg", "load_1m min", "load_1m max", "load_1m count"),
        *("nobody avg", "nobody min", "nobody max", "nobody count"),
    ]
    assert rows[2] == [
        "1970-01-01T00:00:01.000Z",
        "1000",
        "1.0",
        "1.0",
        "1.0",
        "1",
        "",
        "",
        "",
        "0",
    ]
    assert len(rows) == 4


async def test_json_is_one_document() -> None:
    export = await exported(FakePast(), 3_000)
    document = json.loads(await text(export.as_json()))
    assert document["series"] == [
        {"name": "load_1m", "unit": "pct", "label": "LOAD_1M", "group": "cpu"}
    ]
    assert [point["t_ms"] for point in document["points"]] == [0, 1_000, 2_000]
    assert document["points"][1]["values"]["load_1m"]["avg"] == 1.0


async def test_a_long_range_is_read_in_parts_and_each_bucket_is_told_once() -> None:
    past = FakePast()
    export = await exported(past, 20_000_000, step_ms=1_000)
    document = json.loads(await text(export.as_json()))
    times = [point["t_ms"] for point in document["points"]]
    assert times == list(range(0, 20_000_000, 1_000))
    assert len(past.asked) == 4
    assert max(points for *_, points, _ in past.asked) <= 5_000


async def test_what_is_in_the_way_is_told_before_anything_is_sent() -> None:
    past = FakePast()
    past.broken = StoreUnavailable("the disk is gone")
    with pytest.raises(StoreUnavailable):
        await exported(past, 3_000)


async def test_a_name_cannot_become_a_formula_in_a_spreadsheet() -> None:
    export = await exported(FakePast(), 3_000, "=HYPERLINK(1)")
    assert "'=HYPERLINK(1) avg" in await text(export.as_csv())


async def test_without_any_sample_a_file_is_empty_but_whole() -> None:
    export = await exported(FakePast(), 3_000, "nobody")
    assert json.loads(await text(export.as_json()))["points"] == []


def test_more_series_mean_fewer_rows() -> None:
    assert most_rows(1) == 200_000
    assert most_rows(100) == 40_000
    assert most_rows(100_000) == 1_000
