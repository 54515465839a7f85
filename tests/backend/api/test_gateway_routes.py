"""The table of the gateway's routes."""

from __future__ import annotations

from llama_runner_pro.api.gateway_routes import GATEWAY_ROUTES
from llama_runner_pro.api.routes import ROUTES


def test_all_of_them_are_served() -> None:
    assert set(GATEWAY_ROUTES) <= set(ROUTES)


def test_those_that_need_the_token_say_so() -> None:
    for route in GATEWAY_ROUTES:
        assert (401 in route.errors) == route.needs_token, route.path
