from __future__ import annotations

import pytest

from llama_runner_pro.transport.request import encode_request


def lines(encoded: bytes) -> list[str]:
    return encoded.decode().partition("\r\n\r\n")[0].split("\r\n")


def test_a_get_has_a_host_and_no_body() -> None:
    encoded = encode_request("GET", "/health", "127.0.0.1:8080", {}, b"")
    assert lines(encoded)[0] == "GET /health HTTP/1.1"
    assert "host: 127.0.0.1:8080" in lines(encoded)
    assert encoded.endswith(b"\r\n\r\n")
    assert b"content-length" not in encoded


def test_a_post_says_how_long_its_body_is() -> None:
    encoded = encode_request("POST", "/v1", "h", {"Content-Type": "application/json"}, b'{"a":1}')
    assert "content-length: 7" in lines(encoded)
    assert "content-type: application/json" in lines(encoded)
    assert encoded.endswith(b'\r\n\r\n{"a":1}')


def test_a_post_without_body_says_so() -> None:
    assert "content-length: 0" in lines(encode_request("POST", "/", "h", {}, b""))


def test_given_headers_replace_ours_whatever_their_case() -> None:
    sent = lines(encode_request("GET", "/", "h", {"ACCEPT": "text/plain"}, b""))
    assert [line for line in sent if line.startswith("accept")] == ["accept: text/plain"]


def test_the_length_cannot_be_falsified_by_a_header() -> None:
    headers = {"Content-Length": "0", "Transfer-Encoding": "chunked"}
    sent = lines(encode_request("POST", "/", "h", headers, b"abc"))
    assert "content-length: 3" in sent
    assert not [line for line in sent if line.startswith("transfer-encoding")]
    assert "content-length: 0" not in lines(encode_request("GET", "/", "h", headers, b""))


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"x": "a\r\nhost: evil"}),
        ("GET", {"x": "a\nb"}),
        ("GET", {"x\r\ny": "a"}),
        ("GET", {"": "a"}),
        ("GET", {"a b": "c"}),
        ("GE T", {}),
        ("GET\r\n", {}),
    ],
)
def test_nothing_can_smuggle_in_a_second_request(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"header|method"):
        encode_request(method, "/", "h", headers, b"")


def test_characters_outside_ascii_are_escaped_in_the_path() -> None:
    assert lines(encode_request("GET", "/é?q=1%20", "h", {}, b""))[0] == (
        "GET /%C3%A9?q=1%20 HTTP/1.1"
    )
