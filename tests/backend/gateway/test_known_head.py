from __future__ import annotations

import pytest

from llama_runner_pro.gateway.known_head import known_head

POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX-More: 1\r\n\r\n{}"


def test_the_same_head_with_another_length_is_known() -> None:
    known = known_head(POST)
    assert known is not None
    assert known.body_of(POST) == b"{}"
    assert known.body_of(POST.replace(b"h: 2", b"h: 11").replace(b"{}", b'{"more":12}')) == (
        b'{"more":12}'
    )


@pytest.mark.parametrize(
    "other",
    [
        POST + b"P",
        POST[:-1],
        POST.replace(b"h: 2", b"h: 3"),
        POST.replace(b"h: 2", b"h: +2"),
        POST.replace(b"h: 2", b"h: "),
        POST.replace(b"h: 2", b"h: 2 "),
        POST.replace(b"h: 2", b"h: 2\r\nTransfer-Encoding: chunked"),
        POST.replace(b"h: 2", b"h: 0000000000002"),
        POST.replace(b"X-More: 1", b"X-More: 2"),
        POST.replace(b"X-More: 1", b"X-More: 1\r\nExpect: 100-continue"),
        POST.replace(b"/a", b"/b"),
        b"",
        b"POST",
    ],
)
def test_what_differs_otherwise_is_not_known(other: bytes) -> None:
    known = known_head(POST)
    assert known is not None
    assert known.body_of(other) is None


@pytest.mark.parametrize(
    "message",
    [
        b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /a HTTP/1.1\nContent-Length: 6\n\n{\r\n\r\n}",
        POST.replace(b"X-More: 1", b"Content-Length: 2"),
        POST.replace(b"Host: x", b"X-Content-Length: 2").replace(b"\r\nContent-Length: 2", b""),
        POST.replace(b"h: 2", b"h: 2\r\n 3"),
        POST.replace(b"h: 2", b"h:\t2"),
        POST + b"G",
        b"",
        b"\r\n\r\n",
    ],
)
def test_a_head_without_its_length_in_the_usual_way_is_not_learned(message: bytes) -> None:
    assert known_head(message) is None


def test_case_and_blanks_around_the_length_stay_as_they_were() -> None:
    message = b"HTTP/1.1 200 OK\r\ncontent-LENGTH:   1\r\n\r\nx"
    known = known_head(message)
    assert known is not None
    assert known.body_of(message) == b"x"
    assert known.body_of(message.replace(b":   ", b": ")) is None
