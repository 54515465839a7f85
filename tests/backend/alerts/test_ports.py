"""The values that others see."""

from __future__ import annotations

import msgspec
import pytest
from fakes.alerts import alert, channel, delivery

from llama_runner_pro.alerts.ports import Alert, AlertChanged, ChannelView, Delivery


@pytest.mark.parametrize(
    ("value", "shape"), [(alert(), Alert), (delivery(), Delivery), (channel(), ChannelView)]
)
def test_values_survive_the_way_over_wire_and_disk(value: object, shape: type) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=shape) == value


def test_nobody_can_change_what_was_told() -> None:
    with pytest.raises(AttributeError):
        alert().title = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        AlertChanged(alert(), notify=True).notify = False  # type: ignore[misc]
