"""Vectors, in both ways that servers write them."""

from __future__ import annotations

import base64
import math
from array import array

import pytest

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.embeddings import unit, vectors_of

NESTED = b'{"more":' * 3_000


def test_vectors_come_in_the_order_of_the_texts() -> None:
    body = (
        b'{"data":[{"index":1,"embedding":[3]},{"index":0,"embedding":[1,2]}],'
        b'"usage":{"prompt_tokens":4}}'
    )
    assert vectors_of(body) == ([[1, 2], [3]], 4)


def test_base64_is_read_as_little_endian_floats() -> None:
    text = base64.b64encode(array("f", [0.5, -2]).tobytes())
    assert vectors_of(b'{"data":[{"embedding":"%s"}]}' % text) == ([[0.5, -2]], None)


@pytest.mark.parametrize("body", [b"{}", b'{"data":[{"embedding":"!!"}]}', b"x", NESTED])
def test_what_holds_no_vectors_is_a_broken_server(body: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        vectors_of(body)


def test_vectors_get_length_one() -> None:
    assert math.hypot(*unit([3.0, 4.0, 12.0])) == pytest.approx(1)
    assert unit([0.0, 0.0]) == [0.0, 0.0]
