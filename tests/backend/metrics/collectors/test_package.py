"""All collectors together, real requests to model servers, and the real NVIDIA binding."""

from __future__ import annotations

import shutil
import sys
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from fakes.nvml_library import NvmlProcess, build
from fakes.slow_clock import SlowClock
from fakes.wire import ScriptedServer

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.endpoints.kinds import PROFILES
from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors import default_collectors
from llama_runner_pro.metrics.collectors.gpu_nvidia import NvmlSource
from llama_runner_pro.metrics.collectors.model_dialects import DIALECTS
from llama_runner_pro.metrics.collectors.models import ModelCollector
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


WITHOUT_SUFFIX = {"count", "ratio", "total", "per_s"}


def target(kind: str, url: str = "http://127.0.0.1:9") -> MetricTarget:
    return MetricTarget(name=f"the {kind}", kind=kind, url=url, pid=None, ready=True)


async def test_each_field_is_declared_once_and_ends_with_its_unit(tmp_path: Path) -> None:
    clock = SystemClock()
    http = HttpClient(clock)
    targets = [target(profile.kind) for profile in PROFILES]
    collectors = default_collectors(
        lambda: targets, http, tmp_path, clock, sessions=int, dropped_frames=int
    )
    for collector in collectors:
        await collector.collect(0.0)
    fields = [field for collector in collectors for field in collector.fields()]
    names = [field.name for field in fields]
    assert len(names) == len(set(names))
    for field in fields:
        assert field.unit in WITHOUT_SUFFIX or field.name.endswith(f"_{field.unit}"), field
    assert {"cpu", "memory", "network", "endpoint", "model", "self"} <= {f.group for f in fields}
    await http.aclose()


@pytest.mark.parametrize(
    ("kind", "body", "part", "value"),
    [
        ("ollama", b'{"models":[{"name":"m","size":8,"size_vram":4}]}', "gpu_share_pct", 50),
        ("vllm", b"vllm:num_requests_waiting 3\n", "requests_deferred", 3),
        ("lmstudio", b'{"data":[{"id":"m","state":"loaded"}]}', "loaded_models", 1),
    ],
)
async def test_a_model_server_is_asked_over_a_real_connection(
    kind: str, body: bytes, part: str, value: int
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    server = ScriptedServer(lambda connection, request: answer)
    await server.start()
    http = HttpClient(SlowClock())
    collector = ModelCollector(DIALECTS, lambda: [target(kind, server.url)], http)
    values = (await collector.collect(0.0)).values
    assert values[f"model/the {kind}/{part}"] == value
    await http.aclose()
    await server.stop()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if sys.platform != "linux" or shutil.which("gcc") is None:
        pytest.skip("needs Linux and a C compiler")
    return build(tmp_path_factory.mktemp("nvml"))


@pytest.fixture
def process(library: Path, tmp_path: Path) -> Iterator[NvmlProcess]:
    process = NvmlProcess(library, tmp_path / "driver.txt")
    yield process
    process.end()


def test_the_real_binding_loads_the_library_and_reads_it(process: NvmlProcess) -> None:
    process.driver(computing__count=2, drawing__count=1)
    assert process.do("open") == ["Pretended Card"]
    (sample,), (detail,) = process.do("sample"), process.do("detail")
    assert sample == {
        "utilization_pct": 55,
        "memory_used_bytes": 2000,
        "memory_total_bytes": 8000,
        "temperature_c": 61,
        "power_w": 123.456,
        "reasons": {},
    }
    assert detail["memory_of"] == {"100": 1000, "101": 1000}
    assert (detail["fan_pct"], detail["clock_hz"], detail["encoder_pct"]) == (30, 1.5e9, 4)
    assert detail["pcie_sent_bytes_per_s"] == 7 * 1024


def test_failing_calls_and_blanks_of_a_real_library_are_no_values(process: NvmlProcess) -> None:
    process.driver(
        temperature__value=2**32 - 1,
        memory_v2=3,
        power=3,
        fan__value=2**32 - 1,
        computing__count=1,
        computing__value=2**64 - 1,
    )
    process.do("open")
    (sample,), (detail,) = process.do("sample"), process.do("detail")
    assert sample["temperature_c"] is None
    assert "impossible" in sample["reasons"]["temperature_c"]
    assert sample["memory_used_bytes"] == 3000
    assert sample["reasons"]["power_w"] == "not supported by this graphics card"
    assert detail["fan_pct"] is None
    assert detail["memory_of"] == {"100": None}


def test_lists_that_a_real_library_does_not_have_are_not_missed(process: NvmlProcess) -> None:
    """The binding raises another error than usual for the unversioned call."""
    process.driver(computing=13, drawing=13)
    process.do("open")
    (detail,) = process.do("detail")
    assert detail["memory_of"] is None
    assert detail["reasons"]["processes"] == "the installed NVIDIA driver is too old to tell"


def test_a_driver_that_goes_away_and_comes_back_is_read_again(process: NvmlProcess) -> None:
    process.do("open")
    process.driver(all=15)
    name, words = process.do("sample")
    assert name == "GpuLost"
    assert "GPU is lost" in words
    process.do("close")
    assert process.do("open")[0] == "SensorMissing"
    process.driver(utilization__value=77)
    assert process.do("open") == ["Pretended Card"]
    assert process.do("sample")[0]["utilization_pct"] == 77


@pytest.mark.needs_gpu
def test_a_real_card_reports_its_memory_and_what_it_holds_for_whom() -> None:
    source = NvmlSource()
    names = source.open()
    samples, details = source.sample(), source.detail(frozenset())
    source.close()
    assert len(samples) == len(details) == len(names) >= 1
    for sample, detail in zip(samples, details, strict=True):
        assert sample.memory_total_bytes
        assert sample.memory_used_bytes is not None
        assert 0 <= sample.memory_used_bytes <= sample.memory_total_bytes
        assert sample.temperature_c is None or 0 < sample.temperature_c < 120
        told = {field.name for field in fields(detail) if getattr(detail, field.name) is not None}
        explained = told | detail.reasons.keys() | {"models_busy_pct"}
        assert {field.name for field in fields(detail)} - {"memory_of"} <= explained


@pytest.mark.needs_gpu
def test_a_real_driver_can_be_let_go_and_opened_again() -> None:
    source = NvmlSource()
    first = source.open()
    source.close()
    assert source.open() == first
    assert source.sample()
    source.close()
