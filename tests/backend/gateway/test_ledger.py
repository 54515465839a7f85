from __future__ import annotations

from typing import Any

from fakes.clock import FakeClock

from llama_runner_pro.endpoints.traffic import RequestRecord, RequestSink
from llama_runner_pro.gateway.ledger import KEPT, Ledger


def record(number: int = 1, **more: Any) -> RequestRecord:
    known = {"surface": "openai", "operation": "chat", "path": "/v1/chat/completions"}
    return RequestRecord(id=f"r{number}", t_ms=number, model="demo", **{**known, **more})


def anything(_: RequestRecord) -> bool:
    return True


def test_a_request_is_listed_as_running_until_it_ends() -> None:
    ledger: Ledger = Ledger(FakeClock())
    sink: RequestSink = ledger
    sink.requested(record(phase="queued", position=2))
    sink.requested(record(phase="streaming", endpoint="one"))
    assert [one.phase for one in ledger.running()] == ["streaming"]
    assert ledger.ended(10, anything) == []
    sink.requested(record(endpoint="one", ending="ok"))
    assert ledger.running() == []
    assert [one.ending for one in ledger.ended(10, anything)] == ["ok"]


def test_ended_requests_come_newest_first_filtered_and_bounded() -> None:
    ledger = Ledger(FakeClock())
    for number in range(KEPT + 10):
        ledger.requested(record(number, ending="ok", endpoint="even" if number % 2 == 0 else "odd"))
    newest = ledger.ended(3, lambda one: one.endpoint == "even")
    assert [one.t_ms for one in newest] == [508, 506, 504]
    assert len(ledger.ended(10_000, anything)) == KEPT


def test_sums_are_told_per_endpoint_and_for_all() -> None:
    ledger = Ledger(FakeClock())
    ledger.requested(record(1, ending="ok", endpoint="one", prompt_tokens=10, generated_tokens=5))
    ledger.requested(record(2, ending="cut_off", endpoint="one", generated_tokens=2))
    ledger.requested(record(3, ending="ok", endpoint="two"))
    ledger.requested(record(4, ending="never_started"))
    ledger.requested(record(5, phase="loading", endpoint="two"))
    traffic = ledger.traffic()
    assert traffic.ended == {"ok": 2, "cut_off": 1, "never_started": 1}
    assert (traffic.in_flight, traffic.waiting) == (1, 1)
    one, two = traffic.models
    assert (one.ended, one.prompt_tokens_total, one.generated_tokens_total) == (
        {"ok": 1, "cut_off": 1},
        10,
        7,
    )
    assert (two.endpoint, two.in_flight, two.waiting) == ("two", 1, 1)


async def test_medians_are_those_of_the_last_minute_and_unknown_is_none() -> None:
    clock = FakeClock()
    ledger = Ledger(clock)
    ledger.requested(record(1, ending="ok", endpoint="one", ttft_ms=1_000.0))
    await clock.advance(30)
    for number, ttft_ms in enumerate((10.0, 30.0, None, 20.0)):
        ledger.requested(record(number, ending="ok", endpoint="one", ttft_ms=ttft_ms))
    assert ledger.traffic().models[0].ttft_ms == 25.0
    await clock.advance(30)
    (model,) = ledger.traffic().models
    assert (model.ttft_ms, model.requests_60s, model.generation_tokens_per_s) == (20.0, 4, None)
    await clock.advance(60)
    (model,) = ledger.traffic().models
    assert (model.ttft_ms, model.requests_60s, model.ended) == (None, 0, {"ok": 5})


def test_endpoints_without_end_stay_bounded() -> None:
    ledger = Ledger(FakeClock())
    for number in range(1_500):
        ledger.requested(record(number, ending="ok", endpoint=f"e{number}"))
    assert len(ledger.traffic().models) == 1_000
