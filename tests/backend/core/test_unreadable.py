"""Whatever others send, a decoder says no in a way that is expected."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.core.unreadable import UNREADABLE


@pytest.mark.parametrize("sent", [b"", b"{", b'"\xff"', b"[1]", b"[" * 5_000, b'{"a":' * 5_000])
def test_what_is_no_object_of_numbers_is_unreadable_json(sent: bytes) -> None:
    with pytest.raises(UNREADABLE):
        msgspec.json.decode(sent, type=dict[str, int])
    with pytest.raises(UNREADABLE):
        msgspec.json.decode(sent + b"!")


@pytest.mark.parametrize("sent", [b"", b"\xc1", b"\xa1\xff", b"\x91" * 5_000])
def test_what_is_no_whole_value_is_unreadable_messagepack(sent: bytes) -> None:
    with pytest.raises(UNREADABLE):
        msgspec.msgpack.decode(sent)
