from __future__ import annotations

from dataclasses import fields

from llama_runner_pro.core.errors import CollectorError
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample


def test_what_a_card_does_not_report_is_none() -> None:
    sample = GpuSample(utilization_pct=5)
    assert sample.utilization_pct == 5
    others = [field.name for field in fields(sample) if field.name != "utilization_pct"]
    assert {getattr(sample, name) for name in others} == {None}


def test_a_lost_card_is_a_failure_of_the_collector() -> None:
    assert issubclass(GpuLost, CollectorError)
