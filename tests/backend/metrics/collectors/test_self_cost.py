from __future__ import annotations

import psutil

from llama_runner_pro.metrics.collectors.self_cost import SelfCostSensor, own_rss
from llama_runner_pro.metrics.collectors.sensor import Moment


def test_our_own_processor_time_is_a_share_of_one_core() -> None:
    used_s = iter([10.0, 10.02])
    sensor = SelfCostSensor(lambda: 3, cpu_s=lambda: next(used_s), rss_bytes=lambda: 1000)
    assert sensor.read(Moment(0.0)).values["self_cpu_pct"] is None
    values = sensor.read(Moment(2.0)).values
    assert round(values["self_cpu_pct"] or 0, 6) == 1.0
    assert values["self_rss_bytes"] == 1000
    assert values["self_sessions"] == 3


def test_without_a_way_to_count_viewers_there_is_no_number_for_them() -> None:
    sensor = SelfCostSensor()
    assert "self_sessions" not in {field.name for field in sensor.fields(())}
    assert "self_dropped_frames_total" not in {field.name for field in sensor.fields(())}
    assert "self_sessions" not in sensor.read(Moment(0.0)).values


def test_our_own_memory_is_what_the_system_says() -> None:
    rss_bytes = psutil.Process().memory_info().rss
    assert abs(own_rss()() - rss_bytes) < rss_bytes / 2


def test_what_slow_viewers_missed_is_told() -> None:
    sensor = SelfCostSensor(lambda: 1, lambda: 17)
    assert sensor.read(Moment(0.0)).values["self_dropped_frames_total"] == 17
    kinds = {field.name: field.kind for field in sensor.fields(())}
    assert kinds["self_dropped_frames_total"] == "counter"
