"""Shapes of alerts over REST and on the stream."""

from __future__ import annotations

import msgspec
import pytest
from fakes.alerts import alert, channel, delivery

from llama_runner_pro.api.alert_shapes import AlertEvent, AlertsQuery, AlertTest, DeliveryEvent


def test_events_are_told_apart_by_their_kind() -> None:
    news = msgspec.to_builtins(AlertEvent(alert=alert(), notify=True))
    assert (news["kind"], news["alert"]["id"], news["notify"]) == ("alert", "alert-1", True)
    moved = msgspec.to_builtins(DeliveryEvent(delivery=delivery(), channel=channel()))
    assert (moved["kind"], moved["channel"]["name"]) == ("delivery", "phone")


def test_without_a_name_the_desktop_is_tested() -> None:
    assert msgspec.convert({}, AlertTest).channel == "desktop"


@pytest.mark.parametrize("limit", [0, 201])
def test_lists_have_bounds(limit: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"limit": limit}, AlertsQuery)
