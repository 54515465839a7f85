from __future__ import annotations

from dataclasses import fields

from llama_runner_pro.core.errors import CollectorError
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample, because


def test_what_a_card_does_not_report_is_none() -> None:
    sample = GpuSample(utilization_pct=5)
    assert sample.utilization_pct == 5
    others = {field.name for field in fields(sample)} - {"utilization_pct", "reasons"}
    assert {getattr(sample, name) for name in others} == {None}
    assert not sample.reasons


def test_looks_are_equal_when_their_values_are() -> None:
    assert GpuSample(power_w=1.0, reasons={"fan_pct": "a"}) == GpuSample(power_w=1.0)


def test_one_reason_can_stand_for_every_value() -> None:
    reasons = because("it is asleep")
    assert reasons["utilization_pct"] == reasons["pcie_sent_bytes_per_s"] == "it is asleep"


def test_a_lost_card_is_a_failure_of_the_collector() -> None:
    assert issubclass(GpuLost, CollectorError)
