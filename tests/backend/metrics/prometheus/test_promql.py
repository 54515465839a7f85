"""Queries that say what was meant, whatever the names hold."""

from __future__ import annotations

import pytest

from llama_runner_pro.metrics.prometheus.promql import quoted, selected, step_s, together


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", '"plain"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("two\nlines", '"two\\nlines"'),
        ('"} or vector(1) #', '"\\"} or vector(1) #"'),
        ("🦙", '"🦙"'),
    ],
)
def test_any_text_stays_inside_its_quotes(text: str, literal: str) -> None:
    assert quoted(text) == literal


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", 'm{a="1"}'),
        ("  ", 'm{a="1"}'),
        ('job="x"', 'm{a="1",job="x"}'),
        (' job="x", ', 'm{a="1",job="x"}'),
    ],
)
def test_further_matchers_are_added_as_they_are(more: str, expected: str) -> None:
    assert selected("m", {"a": "1"}, more) == expected


def test_several_questions_become_one_query() -> None:
    assert together([("0.avg", "avg(a)"), ("1.max", "max(b)")]) == (
        'label_replace(avg(a),"llama_query","0.avg","llama_query","") or '
        'label_replace(max(b),"llama_query","1.max","llama_query","")'
    )


@pytest.mark.parametrize(
    ("span_s", "points", "least_s", "expected"),
    [
        (3_600, 500, 1, 10),
        (3_600, 5_000, 1, 1),
        (3_600, 5_000, 18, 20),
        (86_400, 500, 18, 300),
        (30 * 86_400, 500, 18, 7_200),
        (365 * 86_400, 366, 18, 86_400),
        (20 * 365 * 86_400, 10, 1, 812 * 86_400),
        (1, 10, 1, 1),
    ],
)
def test_a_step_is_handsome_and_makes_no_more_buckets_than_asked_for(
    span_s: int, points: int, least_s: float, expected: int
) -> None:
    step = step_s(span_s * 1000, points, least_s)
    assert step == expected
    assert span_s / step + 1 <= points
