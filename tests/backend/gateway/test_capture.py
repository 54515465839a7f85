from __future__ import annotations

import pytest

from llama_runner_pro.config.gateway import CaptureSpec
from llama_runner_pro.core.secrets import forget_secrets, register_secret
from llama_runner_pro.gateway.capture import EACH_LIMIT_BYTES, CaptureRing, Recording

ON = CaptureSpec(enabled=True, max_bytes=10_000)


def recording(ring: CaptureRing, name: str = "r1", body: bytes = b"{}") -> Recording:
    found = ring.record(name, 1, body)
    assert found is not None
    return found


def test_nothing_is_recorded_unless_it_is_switched_on() -> None:
    assert CaptureRing(CaptureSpec()).record("r1", 1, b"secret") is None


def test_a_request_and_its_answer_are_kept_once_it_ended() -> None:
    ring = CaptureRing(ON)
    one = recording(ring, body="Grüße".encode())
    one.received(b"data: 1\n\n")
    one.received(memoryview(b"data: 2\n\n"))
    assert ring.all() == []
    one.end()
    (kept,) = ring.all()
    assert (kept.id, kept.request, kept.request_bytes) == ("r1", "Grüße", 7)
    assert (kept.response, kept.response_bytes) == ("data: 1\n\ndata: 2\n\n", 18)


def test_secrets_are_hidden() -> None:
    register_secret("open-sesame")
    try:
        ring = CaptureRing(ON)
        one = recording(ring, body=b'{"content": "open-sesame"}')
        one.received(b'{"authorization": "Bearer abcdefgh"}')
        one.end()
        (kept,) = ring.all()
    finally:
        forget_secrets()
    assert "open-sesame" not in kept.request
    assert "abcdefgh" not in kept.response


def test_one_long_answer_takes_only_its_share() -> None:
    ring = CaptureRing(CaptureSpec(enabled=True))
    one = recording(ring)
    for _ in range(100):
        one.received(b"x" * 10_000)
    one.end()
    (kept,) = ring.all()
    assert (len(kept.response), kept.response_bytes) == (EACH_LIMIT_BYTES, 1_000_000)


def test_the_oldest_make_room() -> None:
    ring = CaptureRing(ON)
    for number in range(10):
        one = recording(ring, f"r{number}")
        one.received(b"x" * 3_000)
        one.end()
    assert [kept.id for kept in ring.all()] == ["r9", "r8", "r7"]
    assert ring.bytes <= 10_000


@pytest.mark.parametrize("spec", [CaptureSpec(), CaptureSpec(enabled=False, max_bytes=10_000)])
def test_switching_it_off_forgets_everything_also_what_still_runs(spec: CaptureSpec) -> None:
    ring = CaptureRing(ON)
    recording(ring).end()
    late = recording(ring)
    ring.configure(spec)
    late.end()
    assert (ring.all(), ring.bytes, ring.enabled) == ([], 0, False)
    assert ring.max_bytes == spec.max_bytes


def test_a_smaller_room_holds_less_at_once() -> None:
    ring = CaptureRing(CaptureSpec(enabled=True))
    for number in range(5):
        one = recording(ring, f"r{number}")
        one.received(b"x" * 6_000)
        one.end()
    ring.configure(ON)
    assert [kept.id for kept in ring.all()] == ["r4"]
