from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.traffic import BreakerView, ModelTraffic, Traffic
from llama_runner_pro.metrics.collectors.traffic import ENDINGS, TrafficCollector

if TYPE_CHECKING:
    from llama_runner_pro.metrics.collector import Collector

BUSY = Traffic(
    in_flight=3,
    waiting=1,
    ended={"ok": 8, "cut_off": 1, "client_gone": 2, "busy": 1},
    models=(
        ModelTraffic(
            endpoint="demo",
            in_flight=2,
            ended={"ok": 8, "cut_off": 1, "client_gone": 2},
            generated_tokens_total=90,
            requests_60s=4,
            ttft_ms=12.0,
        ),
    ),
)


def collector(traffic: Traffic, *breakers: BreakerView) -> Collector:
    return TrafficCollector(lambda: traffic, lambda: breakers)


async def test_the_whole_is_told_even_when_nothing_ever_came() -> None:
    reading = await collector(Traffic()).collect(0.0)
    assert reading.values["gateway_requests_total"] == 0
    assert reading.values["gateway_breakers_open"] == 0
    assert reading.values["gateway_requests_per_s"] is None
    assert all(reading.values[f"gateway_ended_{ending}_total"] == 0 for ending in ENDINGS)


async def test_sums_tell_failures_of_servers_from_everything_else() -> None:
    values = (await collector(BUSY).collect(0.0)).values
    assert (values["gateway_requests_total"], values["gateway_failures_total"]) == (12, 1)
    assert (values["gateway_in_flight"], values["gateway_waiting"]) == (3, 1)
    assert values["gateway_ended_client_gone_total"] == 2


async def test_each_endpoint_has_its_own_numbers() -> None:
    reading = await collector(BUSY).collect(0.0)
    values = reading.values
    assert values["model/demo/requests_ok_total"] == 8
    assert values["model/demo/requests_failed_total"] == 1
    assert values["model/demo/requests_cancelled_total"] == 2
    assert values["model/demo/gateway_generated_tokens_total"] == 90
    assert values["model/demo/ttft_ms"] == 12.0


async def test_what_nobody_told_is_missing_with_the_reason() -> None:
    reading = await collector(BUSY).collect(0.0)
    assert reading.values["model/demo/inter_token_p50_ms"] is None
    assert reading.absent["model/demo/inter_token_p50_ms"] == "the server's answers do not tell"
    idle = await collector(Traffic(models=(ModelTraffic(endpoint="demo"),))).collect(0.0)
    assert idle.absent["model/demo/ttft_ms"] == "no request ended in the last minute"


async def test_requests_per_second_come_from_the_growth_of_the_sum() -> None:
    now = [Traffic(ended={"ok": 10})]
    counting = TrafficCollector(lambda: now[0], tuple)
    await counting.collect(0.0)
    now[0] = Traffic(ended={"ok": 20, "busy": 10})
    assert (await counting.collect(4.0)).values["gateway_requests_per_s"] == 5.0


async def test_the_worst_breaker_of_an_endpoint_counts() -> None:
    reading = await collector(
        BUSY,
        BreakerView(endpoint="demo", model="a", state="open"),
        BreakerView(endpoint="demo", model="b", state="half_open"),
        BreakerView(endpoint="other", model="a", state="open"),
    ).collect(0.0)
    assert reading.values["model/demo/breaker_state"] == 2
    assert reading.values["gateway_breakers_open"] == 2


async def test_every_value_is_declared_and_fields_change_only_with_the_endpoints() -> None:
    now = [BUSY]
    counting = TrafficCollector(lambda: now[0], tuple)
    declared = counting.fields()
    assert counting.fields() is declared
    assert {field.name for field in declared} == set((await counting.collect(0.0)).values)
    now[0] = Traffic(models=(ModelTraffic(endpoint="new"),))
    assert {field.name for field in counting.fields()} == set((await counting.collect(1.0)).values)
