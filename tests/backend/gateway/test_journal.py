from __future__ import annotations

from fakes.clock import FakeClock
from fakes.lease import FakeLease
from fakes.relay_world import Sink, upstream_at

from llama_runner_pro.gateway.dispatch import Visit
from llama_runner_pro.gateway.journal import Entry
from llama_runner_pro.gateway.tap import Tap

VISIT = Visit(
    surface="openai",
    operation="chat",
    path="/v1/chat/completions",
    client="c" * 500,
    stream=True,
    bytes_in=10,
)
TOKEN = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


async def test_a_request_is_told_from_its_wait_to_its_end() -> None:
    clock, sink = FakeClock(), Sink()
    entry = Entry("demo", VISIT, sink, clock)
    entry.waits("queued", 2)
    entry.waits("queued", 2)
    entry.waits("queued", 1)
    entry.waits("evicting", 1, 0.4)
    assert [(r.phase, r.position, r.load_ratio) for r in sink.records] == [
        ("queued", 2, None),
        ("queued", 1, None),
        ("loading", 1, 0.4),
    ]
    await clock.advance(3)
    entry.lease = FakeLease(upstream_at(1), queue_ms=1000.0, load_ms=2000.0)
    entry.sent(clock.monotonic(), b"")
    entry.tell_news()
    entry.tell_news()
    assert [(r.phase, r.load_ratio) for r in sink.records[3:]] == [("sent", None)]
    await clock.advance(0.5)
    entry.status, entry.tap = 200, Tap(streaming=True)
    entry.passed(entry.tap, TOKEN, clock.monotonic())
    entry.tell_news()
    assert sink.last.phase == "streaming"
    assert entry.lease.begun == 1
    await clock.advance(1)
    entry.passed(entry.tap, TOKEN, clock.monotonic())
    entry.end("ok", None)
    last = sink.last
    assert (last.phase, last.ending, last.status) == ("done", "ok", 200)
    assert (last.queue_ms, last.load_ms, last.ttft_ms) == (1000.0, 2000.0, 500.0)
    assert last.duration_ms == 4500.0
    assert (last.generated_tokens, last.token_source) == (2, "chunks")
    assert (last.bytes_in, last.bytes_out) == (10, 2 * len(TOKEN))
    assert last.endpoint == "one"
    assert len(last.client or "") == 100
    assert entry.record() is last
    assert len({record.id for record in sink.records}) == 1


def test_what_was_not_measured_is_none() -> None:
    sink = Sink()
    entry = Entry("demo", VISIT, sink, FakeClock())
    entry.end("never_started", "no such model")
    last = sink.last
    assert last.error == "no such model"
    for name in ("ttft_ms", "queue_ms", "load_ms", "generated_tokens", "inter_token_p50_ms"):
        assert getattr(last, name) is None


def test_every_request_has_a_number_of_its_own() -> None:
    ids = {Entry("demo", VISIT, Sink(), FakeClock()).id for _ in range(100)}
    assert len(ids) == 100
