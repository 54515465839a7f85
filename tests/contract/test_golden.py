"""The server speaks the wire that the golden frames hold; the page's own test reads the same."""

from __future__ import annotations

import base64
import json
import math
from typing import Any, get_args

import msgpack
import pytest

from llama_runner_pro.api.codec import JsonCodec, MsgpackCodec
from llama_runner_pro.api.frames import ClientFrame, EventBody, ServerFrame
from tests.contract.frames import CLIENT_FRAMES, SERVER_FRAMES
from tests.contract.golden import FOLDER, current


def stored(name: str) -> str:
    """A golden file."""
    return (FOLDER / name).read_text("utf-8")


def binary(name: str) -> bytes:
    """A golden file in msgpack."""
    return base64.b64decode(stored(f"{name}.msgpack.b64"))


def same(one: Any, other: Any) -> bool:
    """Equal, but for the digits that float32 does not have and for JSON's string keys."""
    if isinstance(one, dict) and isinstance(other, dict):
        left = {str(key): value for key, value in one.items()}
        right = {str(key): value for key, value in other.items()}
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)
    return bool(one == other)


def test_the_codecs_write_exactly_the_golden_bytes() -> None:
    written = dict(current())
    assert {path.name for path in FOLDER.iterdir()} == set(written)
    changed = [name for name, content in written.items() if stored(name) != content]
    assert not changed, "the wire has changed; python -m tests.contract.golden writes it anew"


@pytest.mark.parametrize("name", SERVER_FRAMES)
def test_both_subprotocols_say_the_same(name: str) -> None:
    unpacked = msgpack.unpackb(binary(f"server-{name}"), strict_map_key=False)
    assert same(unpacked, json.loads(stored(f"server-{name}.json")))


@pytest.mark.parametrize("name", CLIENT_FRAMES)
def test_golden_client_frames_are_understood(name: str) -> None:
    expected = CLIENT_FRAMES[name]
    assert MsgpackCodec().decode(binary(f"client-{name}")) == expected
    assert JsonCodec().decode(stored(f"client-{name}.json")) == expected


def test_every_kind_of_frame_has_an_example() -> None:
    shown = {type(frame) for frame in SERVER_FRAMES.values()}
    assert shown == set(get_args(ServerFrame))
    events = {type(frame.event) for frame in SERVER_FRAMES.values() if hasattr(frame, "event")}
    assert events == set(get_args(EventBody))
    assert {type(frame) for frame in CLIENT_FRAMES.values()} == set(get_args(ClientFrame))
