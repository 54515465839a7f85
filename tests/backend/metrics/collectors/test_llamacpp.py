from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.clock import FakeClock, settle
from fakes.slow_clock import SlowClock

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.llamacpp import LlamacppWatch
from llama_runner_pro.metrics.collectors.models import ModelCollector
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FIXTURES = Path(__file__).parents[2] / "fixtures" / "llamacpp"
IDLE = b'[{"id":0,"n_ctx":2048,"is_processing":false,"id_task":3,"n_prompt_tokens":1024}]'
SILENT = object()


class LlamaServer:
    """Answers `/metrics` and `/slots` with what the test says: bytes, a status, or silence."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "/metrics": (FIXTURES / "metrics.txt").read_bytes(),
            "/slots": IDLE,
        }
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.url = ""
        self.asking = asyncio.Event()

    async def start(self) -> asyncio.Server:
        """Listen on a free loopback port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                path = head.split(" ")[1]
                self.asked.append(path)
                self.heads.append(head)
                self.asking.set()
                answer = self.answers[path]
                if answer is SILENT:
                    await reader.read()
                    return
                status, body = (answer, b"") if isinstance(answer, int) else (200, answer)
                length = f"Content-Length: {len(body)}"
                writer.write(f"HTTP/1.1 {status} X\r\n{length}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[LlamaServer]:
    llama = LlamaServer()
    listening = await llama.start()
    yield llama
    listening.close()


def target(server: LlamaServer, name: str = "demo", **changes: Any) -> MetricTarget:
    fields = {"kind": "embedded", "url": server.url, "pid": None, "ready": True} | changes
    return MetricTarget(name=name, **fields)


class Bench:
    """A collector over changeable targets."""

    def __init__(self, *targets: MetricTarget, clock: FakeClock | None = None) -> None:
        self.targets = list(targets)
        self.http = HttpClient(clock or SlowClock())
        self.collector = ModelCollector(
            {"embedded": LlamacppWatch}, lambda: self.targets, self.http
        )

    async def tick(self, now_s: float) -> tuple[dict[str, Any], dict[str, str]]:
        """Values and reasons of the endpoint named demo, by their last part."""
        reading = await self.collector.collect(now_s)
        return (
            {name.removeprefix("model/demo/"): value for name, value in reading.values.items()},
            {name.removeprefix("model/demo/"): why for name, why in reading.absent.items()},
        )


@pytest.fixture
async def bench(server: LlamaServer) -> AsyncIterator[Bench]:
    bench = Bench(target(server))
    yield bench
    await bench.http.aclose()


async def test_a_ready_server_tells_its_slots_and_totals(bench: Bench) -> None:
    values, absent = await bench.tick(0)
    assert values == {
        "generation_tokens_per_s": None,
        "prompt_tokens_per_s": None,
        "slots_busy": 0,
        "slots_total": 1,
        "requests_processing": 0,
        "requests_deferred": 0,
        "context_usage_pct": 50,
        "context_tokens": 2048,
        "generated_tokens_total": 407,
        "prompt_tokens_total": 38,
    }
    assert absent == {"kv_cache_usage_pct": "this server tells the context of its slots instead"}


async def test_an_older_server_tells_how_full_its_cache_is(
    bench: Bench, server: LlamaServer
) -> None:
    server.answers["/metrics"] += b"llamacpp:kv_cache_usage_ratio 0.25\n"
    values, absent = await bench.tick(0)
    assert values["kv_cache_usage_pct"] == 25
    assert absent == {}


async def test_a_running_request_shows_as_a_rate_before_it_has_ended(
    bench: Bench, server: LlamaServer
) -> None:
    server.answers["/metrics"] = (FIXTURES / "metrics_fresh.txt").read_bytes()
    await bench.tick(0)
    server.answers["/metrics"] = (FIXTURES / "metrics_busy.txt").read_bytes()
    server.answers["/slots"] = (FIXTURES / "slots_busy.json").read_bytes()
    values, _ = await bench.tick(2)
    assert values["generation_tokens_per_s"] == pytest.approx((7 + 75) / 2)
    assert values["slots_busy"] == 1
    assert values["requests_processing"] == 1


async def test_a_quiet_server_is_asked_one_question_per_tick(
    bench: Bench, server: LlamaServer
) -> None:
    for second in range(4):
        values, _ = await bench.tick(second)
    assert server.asked == ["/metrics", "/slots", "/slots", "/slots", "/slots"]
    assert values["generation_tokens_per_s"] == 0


async def test_a_request_that_came_and_went_between_two_ticks_is_noticed(
    bench: Bench, server: LlamaServer
) -> None:
    await bench.tick(0)
    server.answers["/slots"] = IDLE.replace(b'"id_task":3', b'"id_task":4')
    text = (FIXTURES / "metrics.txt").read_bytes()
    server.answers["/metrics"] = text.replace(b"_total 407", b"_total 417")
    values, _ = await bench.tick(1)
    assert values["generation_tokens_per_s"] == 10


async def test_the_counters_of_a_quiet_server_are_checked_now_and_then(
    bench: Bench, server: LlamaServer
) -> None:
    for second in range(22):
        await bench.tick(second)
    assert server.asked.count("/metrics") == 3


async def test_an_endpoint_that_is_not_ready_is_left_in_peace(
    bench: Bench, server: LlamaServer
) -> None:
    bench.targets = [target(server, ready=False)]
    values, absent = await bench.tick(0)
    assert values == {}
    assert set(absent.values()) == {"not ready"}
    assert server.asked == []


async def test_other_kinds_of_endpoint_are_not_asked(bench: Bench, server: LlamaServer) -> None:
    bench.targets = [target(server, kind="ollama")]
    assert await bench.tick(0) == ({}, {})
    assert bench.collector.fields() == ()
    assert server.asked == []


async def test_the_headers_of_the_endpoint_are_sent(bench: Bench, server: LlamaServer) -> None:
    bench.targets = [target(server, headers={"Authorization": "Bearer x"})]
    await bench.tick(0)
    assert all("authorization: Bearer x" in head for head in server.heads)


async def test_a_server_without_metrics_says_how_to_get_them_and_is_asked_rarely(
    bench: Bench, server: LlamaServer
) -> None:
    server.answers["/metrics"] = 501
    for second in range(60):
        _, absent = await bench.tick(second)
    assert set(absent.values()) == {"the server does not offer /metrics (start it with --metrics)"}
    assert server.asked == ["/metrics"]
    server.answers["/metrics"] = (FIXTURES / "metrics.txt").read_bytes()
    assert (await bench.tick(60))[0]["generated_tokens_total"] == 407


async def test_a_server_without_slots_still_tells_its_totals(
    bench: Bench, server: LlamaServer
) -> None:
    server.answers["/slots"] = 404
    await bench.tick(0)
    values, absent = await bench.tick(1)
    assert values["generated_tokens_total"] == 407
    assert values["generation_tokens_per_s"] == 0
    assert {name for name, reason in absent.items() if "--slots" in reason} == {
        "slots_busy",
        "slots_total",
        "context_usage_pct",
        "context_tokens",
    }
    assert server.asked == ["/metrics", "/slots", "/metrics"]


async def test_a_server_that_wants_a_key_says_so(bench: Bench, server: LlamaServer) -> None:
    server.answers["/metrics"] = 401
    assert set((await bench.tick(0))[1].values()) == {"/metrics asks for an API key"}


async def test_an_answer_of_another_program_is_no_measurement(
    bench: Bench, server: LlamaServer
) -> None:
    server.answers["/metrics"] = b"<html>hello</html>"
    values, absent = await bench.tick(0)
    assert values == {}
    assert set(absent.values()) == {"the answer holds no llama.cpp metrics"}


async def test_nobody_listening_is_said_in_words(server: LlamaServer) -> None:
    bench = Bench(target(server, url="http://127.0.0.1:9"))
    _, absent = await bench.tick(0)
    assert set(absent.values()) == {"nothing answers at http://127.0.0.1:9 (connection refused)"}


async def test_a_server_too_busy_to_answer_is_given_time(server: LlamaServer) -> None:
    clock = FakeClock()
    bench = Bench(target(server), clock=clock)
    server.answers["/metrics"] = SILENT
    asked_at = []
    for second in range(12):
        before = len(server.asked)
        server.asking.clear()
        collecting = asyncio.ensure_future(bench.tick(second))
        await settle()
        if not collecting.done():
            await server.asking.wait()
            await clock.advance(0.3)
        _, absent = await collecting
        assert set(absent.values()) == {"busy: it does not tell at the moment"}
        if len(server.asked) > before:
            asked_at.append(second)
    assert asked_at == [0, 1, 3, 7, 11]
    await bench.http.aclose()


async def test_one_server_that_is_down_takes_nothing_from_the_others(
    bench: Bench, server: LlamaServer
) -> None:
    bench.targets.append(target(server, "down", url="http://127.0.0.1:9"))
    values, absent = await bench.tick(0)
    assert values["generated_tokens_total"] == 407
    assert {name for name in absent if "/" not in name} == {"kv_cache_usage_pct"}
    assert "model/down/slots_total" in absent


async def test_a_server_that_was_not_ready_in_between_starts_without_rates(
    bench: Bench, server: LlamaServer
) -> None:
    await bench.tick(0)
    assert (await bench.tick(1))[0]["generation_tokens_per_s"] == 0
    bench.targets = [target(server, ready=False)]
    await bench.tick(2)
    bench.targets = [target(server)]
    assert (await bench.tick(3))[0]["generation_tokens_per_s"] is None


async def test_fields_follow_the_endpoints(bench: Bench, server: LlamaServer) -> None:
    fields = bench.collector.fields()
    assert "model/demo/generation_tokens_per_s" in {field.name for field in fields}
    assert bench.collector.fields() is fields
    bench.targets = [target(server, "other")]
    assert {field.name.split("/")[1] for field in bench.collector.fields()} == {"other"}


async def test_an_endpoint_that_was_removed_and_comes_back_starts_without_rates(
    bench: Bench, server: LlamaServer
) -> None:
    await bench.tick(0)
    bench.targets = []
    await bench.tick(1)
    bench.targets = [target(server)]
    assert (await bench.tick(2))[0]["generation_tokens_per_s"] is None
