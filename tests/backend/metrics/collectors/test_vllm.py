from __future__ import annotations

import pytest
from fakes.model_page import ModelPage

from llama_runner_pro.core.errors import ConnectRefused, ProtocolBroken
from llama_runner_pro.metrics.collectors.vllm import VllmWatch, parse_metrics

# Lines as vLLM's documentation of its production metrics shows them, for two engines.
PAGE = """# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{{engine="0",model_name="m"}} 2.0
vllm:num_requests_running{{engine="1",model_name="m"}} 1.0
vllm:num_requests_waiting{{engine="0",model_name="m"}} 4.0
vllm:kv_cache_usage_perc{{engine="0",model_name="m"}} 0.25
vllm:kv_cache_usage_perc{{engine="1",model_name="m"}} 0.5
vllm:prompt_tokens_total{{engine="0",model_name="m"}} {prompt}
vllm:generation_tokens_total{{engine="0",model_name="m"}} {generated}
vllm:generation_tokens_created{{engine="0",model_name="m"}} 1.75e+09
vllm:request_success_total{{engine="0",finished_reason="stop",model_name="m"}} 7.0
vllm:request_success_total{{engine="0",finished_reason="length",model_name="m"}} 3.0
vllm:time_to_first_token_seconds_bucket{{engine="0",le="0.1",model_name="m"}} 5.0
vllm:time_to_first_token_seconds_count{{engine="0",model_name="m"}} {count}
vllm:time_to_first_token_seconds_sum{{engine="0",model_name="m"}} {spent}
python_gc_objects_collected_total{{generation="0"}} 9.0
"""


def page(prompt: float = 100, generated: float = 50, count: int = 10, spent: float = 2.0) -> bytes:
    return PAGE.format(prompt=prompt, generated=generated, count=count, spent=spent).encode()


def test_engines_are_added_up_and_the_fullest_cache_counts() -> None:
    found = parse_metrics(page().decode())
    assert found.sums["num_requests_running"] == 3
    assert found.sums["request_success_total"] == 10
    assert found.cache_ratio == 0.5
    assert "time_to_first_token_seconds_bucket" not in found.sums
    assert "generation_tokens_created" not in found.sums


def test_the_older_name_of_the_cache_is_known() -> None:
    assert parse_metrics("vllm:gpu_cache_usage_perc 0.75\nvllm:x 1\n").cache_ratio == 0.75


def test_a_page_of_another_program_is_refused() -> None:
    with pytest.raises(ProtocolBroken, match="no vLLM metrics"):
        parse_metrics("python_info 1\n")


async def test_totals_become_rates_between_two_looks() -> None:
    server = ModelPage(VllmWatch)
    server.upstream.body = page()
    values, reasons = await server.ask(0)
    assert values["generation_tokens_per_s"] is None
    assert values["requests_processing"] == 3
    assert values["requests_deferred"] == 4
    assert values["kv_cache_usage_pct"] == 50
    assert values["served_requests_total"] == 10
    assert reasons == {"server_ttft_ms": "no request has been answered yet"}
    server.upstream.body = page(prompt=140, generated=250, count=14, spent=3.0)
    values, reasons = await server.ask(2)
    assert values["generation_tokens_per_s"] == 100
    assert values["prompt_tokens_per_s"] == 20
    assert values["server_ttft_ms"] == 250
    assert reasons == {}


async def test_the_time_to_the_first_token_stays_while_there_are_no_requests() -> None:
    server = ModelPage(VllmWatch)
    server.upstream.body = page()
    await server.ask(0)
    server.upstream.body = page(count=11, spent=2.4)
    await server.ask(2)
    assert (await server.ask(4))[0]["server_ttft_ms"] == pytest.approx(400)


async def test_the_page_is_read_every_other_second() -> None:
    server = ModelPage(VllmWatch)
    server.upstream.body = page()
    for second in range(5):
        await server.ask(second)
    assert server.paths == ["/metrics"] * 3


async def test_after_the_server_was_away_rates_start_anew() -> None:
    server = ModelPage(VllmWatch)
    server.upstream.body = page()
    await server.ask(0)
    server.upstream.error = ConnectRefused("gone")
    await server.ask(2)
    server.upstream.error = None
    server.upstream.body = page(generated=1_000_000, count=500, spent=1000.0)
    values, _ = await server.ask(3)
    assert values["generation_tokens_per_s"] is None
    assert values["server_ttft_ms"] is None


async def test_a_version_that_does_not_tell_the_cache_says_so() -> None:
    server = ModelPage(VllmWatch)
    server.upstream.body = b"vllm:num_requests_running 0\n"
    values, reasons = await server.ask(0)
    assert reasons["kv_cache_usage_pct"] == "this vLLM does not tell it"
    assert values["generated_tokens_total"] is None
