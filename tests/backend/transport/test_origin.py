from __future__ import annotations

import pytest

from llama_runner_pro.transport.origin import Origin, parse_url


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://127.0.0.1:8080/health", Origin("http", "127.0.0.1", 8080), "/health"),
        ("http://127.0.0.1:8080", Origin("http", "127.0.0.1", 8080), "/"),
        ("http://LocalHost/", Origin("http", "localhost", 80), "/"),
        ("https://models.test/v1?a=b&c", Origin("https", "models.test", 443), "/v1?a=b&c"),
        ("http://[::1]:1234/x#top", Origin("http", "::1", 1234), "/x"),
    ],
)
def test_a_url_tells_whom_to_dial_and_what_to_ask_for(
    url: str, origin: Origin, target: str
) -> None:
    assert parse_url(url) == (origin, target)


@pytest.mark.parametrize(
    ("origin", "authority"),
    [
        (Origin("http", "a.test", 80), "a.test"),
        (Origin("http", "a.test", 443), "a.test:443"),
        (Origin("https", "a.test", 443), "a.test"),
        (Origin("http", "::1", 8080), "[::1]:8080"),
    ],
)
def test_the_host_header_names_the_port_only_when_it_is_unusual(
    origin: Origin, authority: str
) -> None:
    assert origin.authority == authority
    assert str(origin) == f"{origin.scheme}://{authority}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/health",
        "127.0.0.1:8080",
        "ftp://a.test/",
        "http://",
        "http://a.test/x y",
        "http://a.test/x\r\nHost: b",
        "http://a.test:99999/",
    ],
)
def test_anything_but_an_absolute_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_url(url)


def test_a_name_and_password_in_the_url_are_not_sent_along() -> None:
    origin, target = parse_url("http://user:secret@a.test/x")
    assert "secret" not in f"{origin}{target}"
