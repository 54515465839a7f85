"""Defaults of the configuration."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.config.model import Config


def test_nothing_configured_means_no_endpoints_and_a_check_every_five_seconds() -> None:
    config = msgspec.convert({}, Config)
    assert (config.check_interval, config.debug_mode, config.endpoints) == (5.0, False, ())


@pytest.mark.parametrize("interval", [0, -1, 3601])
def test_interval_out_of_range_is_refused(interval: float) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"check_interval": interval}, Config)
