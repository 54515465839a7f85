from __future__ import annotations

import pytest

from llama_runner_pro.gateway.headers import (
    answer_head,
    find,
    lines_for_client,
    lines_for_server,
    request_head,
    server_lines,
)
from llama_runner_pro.transport.origin import Origin

HERE = Origin("http", "127.0.0.1", 8080)


def test_what_concerns_only_the_client_and_us_stays_here() -> None:
    common = server_lines(HERE, {"Authorization": "Bearer theirs"})
    lines = lines_for_server(
        [
            (b"host", b"localhost:1234"),
            (b"authorization", b"Bearer ours"),
            (b"x-api-key", b"ours"),
            (b"cookie", b"a=b"),
            (b"origin", b"http://page"),
            (b"connection", b"keep-alive, x"),
            (b"transfer-encoding", b"chunked"),
            (b"content-length", b"99"),
            (b"expect", b"100-continue"),
            (b"accept-encoding", b"gzip"),
            (b"openai-beta", b"x"),
            (b"content-type", b"application/json"),
        ]
    )
    sent = request_head("POST", "/v1/chat/completions", common, lines, 7)
    assert sent == (
        b"POST /v1/chat/completions HTTP/1.1\r\n"
        b"host: 127.0.0.1:8080\r\naccept-encoding: identity\r\nauthorization: Bearer theirs\r\n"
        b"openai-beta: x\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n"
    )


def test_a_get_has_no_length() -> None:
    sent = request_head("GET", "/props", server_lines(HERE, {}), b"", 0)
    assert b"content-length" not in sent


@pytest.mark.parametrize(("name", "value"), [("a b", "x"), ("x", "a\r\nb"), ("x:", "a")])
def test_a_configured_header_that_would_break_the_message_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        server_lines(HERE, {name: value})


def test_a_servers_word_on_who_may_read_does_not_reach_the_client() -> None:
    lines = lines_for_client(
        [
            (b"access-control-allow-origin", b"*"),
            (b"set-cookie", b"a"),
            (b"content-type", b"x"),
            (b"x-request-id", b"7"),
        ]
    )
    head = answer_head(
        299,
        lines,
        [(b"access-control-allow-origin", b"http://page")],
        framing=b"content-length: 0\r\n",
        close=True,
    )
    assert head == (
        b"HTTP/1.1 299 \r\ncontent-type: x\r\nx-request-id: 7\r\n"
        b"access-control-allow-origin: http://page\r\n"
        b"content-length: 0\r\nconnection: close\r\n\r\n"
    )


def test_the_first_of_several_values_is_found() -> None:
    assert find([(b"a", b"1"), (b"a", b"2")], b"a") == b"1"
    assert find([], b"a") is None
