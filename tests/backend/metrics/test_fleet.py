"""Judging computers, and putting the worst first."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.supervisor import view
from fakes.told import WALL_MS, told

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.fleet import HostFacts, judged, own_facts, worst_first

NOW_MS = 1_700_000_000_000
WELL: dict[str, Any] = {"host": "a", "up": True, "last_seen_ms": NOW_MS}


@pytest.mark.parametrize(
    ("more", "severity", "problems"),
    [
        ({}, "ok", []),
        ({"endpoints_failed": 1}, "critical", ["1 endpoint failed"]),
        ({"endpoints_failed": 2}, "critical", ["2 endpoints failed"]),
        ({"alerts_critical": 1}, "critical", ["1 critical alarm"]),
        ({"alerts_warning": 2}, "warning", ["2 warnings"]),
        ({"endpoints_impaired": 1}, "warning", ["1 endpoint not serving"]),
        ({"memory_usage_pct": 94.9}, "ok", []),
        ({"memory_usage_pct": 95.0}, "warning", ["memory 95 % full"]),
        (
            {"endpoints_failed": 1, "alerts_warning": 1},
            "critical",
            ["1 endpoint failed", "1 warning"],
        ),
        ({"last_seen_ms": None}, "unknown", ["it has not told any measurement yet"]),
        ({"up": False}, "critical", ["not seen for less than a minute"]),
        ({"up": False, "last_seen_ms": NOW_MS - 600_000}, "critical", ["not seen for 10 min"]),
        ({"up": False, "last_seen_ms": NOW_MS - 10_800_000}, "critical", ["not seen for 3 h"]),
        ({"up": False, "last_seen_ms": None}, "critical", ["does not answer"]),
        # What it said before it fell silent is old news.
        (
            {"up": False, "endpoints_failed": 1, "memory_usage_pct": 99.0},
            "critical",
            ["not seen for less than a minute"],
        ),
    ],
)
def test_a_computer_is_judged_by_what_it_tells(
    more: dict[str, Any], severity: str, problems: list[str]
) -> None:
    found = judged(HostFacts(**{**WELL, **more}), NOW_MS)
    assert (found.severity, found.problems) == (severity, problems)


def test_alarms_that_nobody_counts_are_not_zero() -> None:
    assert judged(HostFacts(**WELL), NOW_MS).alerts_active is None
    found = judged(HostFacts(**WELL, alerts_critical=0, alerts_warning=0), NOW_MS)
    assert found.alerts_active == 0


def test_the_worst_come_first() -> None:
    hosts = [
        HostFacts(**{**WELL, "host": "well"}),
        HostFacts(**{**WELL, "host": "also well"}),
        HostFacts(**{**WELL, "host": "fuller", "memory_usage_pct": 80.0}),
        HostFacts(**{**WELL, "host": "silent", "last_seen_ms": None}),
        HostFacts(**{**WELL, "host": "warned", "alerts_warning": 1}),
        HostFacts(**{**WELL, "host": "gone", "up": False}),
        HostFacts(**{**WELL, "host": "broken", "endpoints_failed": 3}),
    ]
    found = worst_first(judged(facts, NOW_MS) for facts in hosts)
    assert [one.host for one in found] == [
        *("broken", "gone", "warned", "silent", "fuller", "also well", "well")
    ]


def test_this_computer_knows_itself() -> None:
    views = (
        view("a"),
        view("b", State.DEGRADED),
        view("c", State.FAILED),
        view("d", State.BACKOFF),
    )
    values: dict[str, float | int | None] = {
        "cpu_usage_pct": 5.0,
        "memory_usage_pct": 60.0,
        "gpu0_utilization_pct": 10.0,
        "gpu0_memory_used_bytes": 10,
        "gpu0_memory_total_bytes": 100,
        "gpu1_utilization_pct": 80.0,
        "gpu1_memory_used_bytes": None,
        "gpu1_memory_total_bytes": 100,
    }
    facts = own_facts(told((), values, views=views), "here")
    assert facts == HostFacts(
        host="here",
        up=True,
        last_seen_ms=WALL_MS,
        cpu_usage_pct=5.0,
        memory_usage_pct=60.0,
        gpu_utilization_pct=80.0,
        gpu_memory_usage_pct=10.0,
        endpoints_total=4,
        endpoints_online=2,
        endpoints_failed=1,
        endpoints_impaired=1,
        alerts_critical=1,
        alerts_warning=0,
        version="0.1.0",
    )


def test_before_the_first_sample_and_without_a_graphics_card_there_are_no_numbers() -> None:
    facts = own_facts(told(snapshot=None, views=()), "here")
    assert (facts.last_seen_ms, facts.cpu_usage_pct, facts.gpu_utilization_pct) == (
        None,
        None,
        None,
    )
    assert facts.gpu_memory_usage_pct is None
