"""The table of configuration routes."""

from __future__ import annotations

from llama_runner_pro.api.config_routes import CONFIG_ROUTES, DOCUMENT_LIMIT_BYTES
from llama_runner_pro.api.routes import ROUTES


def test_all_of_them_are_served() -> None:
    assert set(CONFIG_ROUTES) <= set(ROUTES)


def test_every_change_needs_the_token_and_says_so() -> None:
    for route in CONFIG_ROUTES:
        assert route.needs_token == route.changes
        assert (401 in route.errors) == route.needs_token


def test_a_body_may_be_as_large_as_a_file() -> None:
    limits = {route.body_limit_bytes for route in CONFIG_ROUTES if route.changes}
    assert limits == {DOCUMENT_LIMIT_BYTES}
