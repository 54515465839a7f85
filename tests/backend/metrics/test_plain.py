from __future__ import annotations

from datetime import datetime

from llama_runner_pro.endpoints.ports import EndpointView, MetricTarget
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.model import Snapshot
from llama_runner_pro.metrics.plain import plain_message

VALUES = {
    "cpu_usage_pct": 12.5,
    "cpu_cores": 8,
    "load_1m": 0.5,
    "memory_usage_pct": 40.1,
    "memory_used_bytes": 4000,
    "memory_available_bytes": 6000,
    "network_received_bytes_per_s": 100,
    "network_sent_bytes_per_s": 50,
}
GPU = {
    "gpu0_utilization_pct": 70,
    "gpu0_memory_used_bytes": 10,
    "gpu0_memory_total_bytes": 20,
    "gpu0_temperature_c": 61,
}


def snapshot(values: dict[str, float | int | None], **facts: str) -> Snapshot:
    return Snapshot(seq=1, wall_ms=1_700_000_000_123, values=values, absent={}, facts=facts)


def target(name: str, state: State = State.ONLINE) -> MetricTarget:
    view = EndpointView(
        name=name,
        kind="embedded",
        url="http://127.0.0.1:1",
        port=1,
        model=None,
        enabled=True,
        startable=True,
        state=state,
        since_ms=0,
        restart_count=2,
        response_ms=3.5,
    )
    ready = state is State.ONLINE
    return MetricTarget(name=name, kind="embedded", url=view.url, pid=7, ready=ready, view=view)


def test_the_message_has_the_shape_that_plain_pages_expect() -> None:
    message = plain_message(snapshot(VALUES | GPU, gpu0_name="Test GPU"), [])
    assert message == {
        "timestamp": "2023-11-14T22:13:20.123+00:00",
        "cpuUsage": 12.5,
        "cpuCores": 8,
        "loadAverage": 0.5,
        "memoryUsage": 40.1,
        "memoryUsed": 4000,
        "memoryAvailable": 6000,
        "gpuUsage": 70,
        "gpuInfo": {
            "id": 0,
            "name": "Test GPU",
            "usage": 70,
            "memoryUsed": 10,
            "memoryTotal": 20,
            "temperature": 61,
        },
        "networkStats": {"bytesInPerSecond": 100, "bytesOutPerSecond": 50},
        "modelMetrics": {},
        "apiStats": {
            "modelsTotal": 0,
            "modelsReady": 0,
            "requestsProcessing": None,
            "requestsDeferred": None,
        },
    }


def test_the_time_is_iso_8601_with_its_offset() -> None:
    message = plain_message(snapshot({}), [])
    assert datetime.fromisoformat(message["timestamp"]).utcoffset() is not None


def test_what_could_not_be_measured_is_null_and_never_zero() -> None:
    message = plain_message(snapshot({"cpu_usage_pct": None}), [])
    assert message["cpuUsage"] is None
    assert message["loadAverage"] is None
    assert message["gpuUsage"] is None
    assert message["gpuInfo"] == {}
    assert message["networkStats"] == {"bytesInPerSecond": None, "bytesOutPerSecond": None}


def test_each_model_has_its_own_entry() -> None:
    values = {
        "model/a/generation_tokens_per_s": 42.5,
        "model/a/slots_busy": 1,
        "endpoint/a/rss_bytes": 1000,
        "endpoint/b/rss_bytes": 2000,
    }
    metrics = plain_message(snapshot(values), [target("a"), target("b", State.HEALING)])[
        "modelMetrics"
    ]
    assert metrics["a"]["status"] == "online"
    assert metrics["a"]["responseTime"] == 3.5
    assert metrics["a"]["restarts"] == 2
    assert metrics["a"]["tokensPerSecond"] == 42.5
    assert metrics["a"]["slotsBusy"] == 1
    assert metrics["a"]["memoryUsed"] == 1000
    assert metrics["b"]["status"] == "healing"
    assert metrics["b"]["memoryUsed"] == 2000
    assert metrics["b"]["tokensPerSecond"] is None


def test_requests_are_added_up_over_the_models_that_tell() -> None:
    values = {
        "model/a/requests_processing": 2,
        "model/b/requests_processing": 1,
        "model/a/requests_deferred": 0,
    }
    stats = plain_message(snapshot(values), [target("a"), target("b", State.LOADING)])["apiStats"]
    assert stats == {
        "modelsTotal": 2,
        "modelsReady": 1,
        "requestsProcessing": 3,
        "requestsDeferred": 0,
    }


def test_a_target_without_view_has_no_status() -> None:
    bare = MetricTarget(name="a", kind="custom", url="http://a", pid=None, ready=False)
    entry = plain_message(snapshot({}), [bare])["modelMetrics"]["a"]
    assert entry["status"] is None
    assert entry["responseTime"] is None
