"""The table of routes past one computer."""

from __future__ import annotations

from llama_runner_pro.api.fleet_routes import FLEET_ROUTES
from llama_runner_pro.api.routes import ROUTES


def test_all_of_them_are_served_and_only_read() -> None:
    assert set(FLEET_ROUTES) <= set(ROUTES)
    assert {route.method for route in FLEET_ROUTES} == {"GET"}
