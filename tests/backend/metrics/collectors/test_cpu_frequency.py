from __future__ import annotations

import pytest

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.cpu_frequency import CpuFrequencySensor, read_mhz
from llama_runner_pro.metrics.collectors.sensor import Moment


def test_the_clock_is_given_in_hertz() -> None:
    reading = CpuFrequencySensor(lambda: 2400.5).read(Moment(0.0))
    assert reading.values == {"cpu_frequency_hz": 2_400_500_000}


def test_an_unknown_clock_is_missing_and_not_zero() -> None:
    with pytest.raises(SensorMissing, match="does not tell its processor clock"):
        CpuFrequencySensor(lambda: None).read(Moment(0.0))


def test_this_machine_has_a_plausible_clock_or_none() -> None:
    mhz = read_mhz()
    assert mhz is None or 10 < mhz < 20_000
