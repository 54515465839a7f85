"""The table of routes of the past."""

from __future__ import annotations

from llama_runner_pro.api.history_routes import HISTORY_ROUTES
from llama_runner_pro.api.routes import ROUTES


def test_all_of_them_are_served_and_only_read() -> None:
    assert set(HISTORY_ROUTES) <= set(ROUTES)
    assert not any(route.changes or route.needs_token for route in HISTORY_ROUTES)


def test_an_export_is_a_file() -> None:
    (export,) = [route for route in HISTORY_ROUTES if route.path.endswith("/export")]
    assert (export.answer, export.media_type) == (bytes, "text/csv")
