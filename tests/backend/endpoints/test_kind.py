"""Ports and addresses of endpoints."""

from __future__ import annotations

import pytest

from llama_runner_pro.endpoints.kind import base_url, join_url, port_of
from llama_runner_pro.endpoints.kinds import profile
from llama_runner_pro.endpoints.spec import EndpointSpec, Kind


@pytest.mark.parametrize(
    ("kind", "url", "port", "expected"),
    [
        ("ollama", "", None, 11434),
        ("ollama", "", 5, 5),
        ("ollama", "http://h:6", None, 6),
        ("ollama", "http://h", None, 80),
        ("ollama", "https://h", None, 443),
        ("custom", "", None, None),
    ],
)
def test_port_is_the_given_one_before_that_of_the_url_before_the_usual_one(
    kind: Kind, url: str, port: int | None, expected: int | None
) -> None:
    assert port_of(EndpointSpec(name="a", url=url, port=port), profile(kind)) == expected


@pytest.mark.parametrize(
    ("kind", "url", "port", "expected"),
    [
        ("ollama", "", None, "http://127.0.0.1:11434"),
        ("ollama", "", 5, "http://127.0.0.1:5"),
        ("ollama", "https://h:6/base/", None, "https://h:6/base"),
        ("ollama", "http://localhost", 7, "http://localhost:7"),
        ("ollama", "http://[::1]/x", 7, "http://[::1]:7/x"),
        ("ollama", "http://h:6", 6, "http://h:6"),
        ("custom", "", None, "http://127.0.0.1"),
    ],
)
def test_base_url_is_whole_and_ends_without_a_slash(
    kind: Kind, url: str, port: int | None, expected: str
) -> None:
    assert base_url(EndpointSpec(name="a", url=url, port=port), profile(kind)) == expected


@pytest.mark.parametrize(
    ("base", "path", "joined"),
    [
        ("http://h", "/health", "http://h/health"),
        ("http://h/", "health", "http://h/health"),
        ("http://h/v1", "/v1/models", "http://h/v1/models"),
        ("http://h/v1/", "/v1", "http://h/v1"),
        ("http://h/v1", "/v1beta", "http://h/v1/v1beta"),
        ("http://h", "https://other:1/up", "https://other:1/up"),
    ],
)
def test_joined_url_has_one_slash_and_one_version(base: str, path: str, joined: str) -> None:
    assert join_url(base, path) == joined
