"""Queries about the past."""

from __future__ import annotations

import pytest

from llama_runner_pro.api.body import parse_query
from llama_runner_pro.api.history_shapes import HistoryExportQuery, HistoryQuery
from llama_runner_pro.api.problems import ApiProblem


def test_without_a_word_there_are_500_points() -> None:
    query = parse_query({"series": "a", "from": "-1h"}, HistoryQuery)
    assert (query.points, query.from_, query.to) == (500, "-1h", "")


@pytest.mark.parametrize("points", ["9", "5001", "many"])
def test_points_have_bounds(points: str) -> None:
    with pytest.raises(ApiProblem):
        parse_query({"points": points}, HistoryQuery)


@pytest.mark.parametrize("wrong", [{"format": "xml"}, {"step": "-1"}, {"since": "x"}])
def test_unknown_formats_steps_and_names_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ApiProblem):
        parse_query(wrong, HistoryExportQuery)
