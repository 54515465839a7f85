"""Shapes of the gateway over REST and on the stream."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.api.gateway_shapes import GatewayEvent, ModelCommand, RequestsQuery
from llama_runner_pro.endpoints.traffic import BreakerView


def test_an_event_says_which_breaker_changed() -> None:
    news = msgspec.to_builtins(
        GatewayEvent(breaker=BreakerView(endpoint="one", model="demo", state="open"))
    )
    assert (news["kind"], news["breaker"]["state"], news["door"]) == ("gateway", "open", None)


def test_a_query_without_anything_asks_for_the_last_hundred() -> None:
    query = msgspec.convert({}, RequestsQuery)
    assert (query.limit, query.model, query.outcome) == (100, None, None)


@pytest.mark.parametrize("model", ["", "x" * 501])
def test_names_have_bounds(model: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"model": model}, ModelCommand)
