"""What a base URL may be; the other rules are tested through whole files in test_load."""

from __future__ import annotations

import pytest

from llama_runner_pro.config.rules import url_problem


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:8080", "https://models.example/v1", "http://localhost"),
        *("http://[::1]:8080", "HTTP://HOST:1/", "http://h:65535/a%20b"),
    ],
)
def test_absolute_url_is_fine(url: str) -> None:
    assert url_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "/v1",
            "host",
            "host:80",
            "//host",
            "http://",
            "http:///x",
            "http://:80",
            "file:///x",
        ),
        *("http://h:0", "http://h:99999", "http://h:-1", "http://[::1", "http://h/a b"),
        *("http://h\n", "http://u@h", "http://u:p@h", "http://h?x", "http://h#x"),
    ],
)
def test_anything_else_is_said_to_be_wrong_and_how_to_write_it(url: str) -> None:
    problem = url_problem(url)
    assert problem is not None
    assert all(problem)
