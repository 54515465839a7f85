"""Fields of other machines, in words."""

from __future__ import annotations

import pytest

from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.prometheus.describe import described

KNOWN = {
    field.name: field
    for field in (
        Field("cpu_usage_pct", "pct", "Processor", "cpu"),
        Field("pod/x/cpu_pct", "pct", "of no rule", "pod"),
        Field("endpoint/demo/rss_bytes", "bytes", "Memory", "endpoint"),
        Field("model/demo/requests_total", "total", "Requests", "model", "counter"),
    )
}


@pytest.mark.parametrize(
    ("name", "unit", "label", "group", "kind"),
    [
        ("cpu_usage_pct", "pct", "Processor", "cpu", "gauge"),
        ("endpoint/other/rss_bytes", "bytes", "Memory", "endpoint", "gauge"),
        ("model/other/requests_total", "total", "Requests", "model", "counter"),
        ("endpoint/other/fds", "count", "Fds", "endpoint", "gauge"),
        ("gpu1_memory_used_bytes", "bytes", "Gpu1 memory used", "gpu", "gauge"),
        ("load_5m", "count", "Load 5m", "cpu", "gauge"),
        ("swap_used_bytes", "bytes", "Swap used", "memory", "gauge"),
        ("self_overruns_total", "total", "Self overruns", "self", "counter"),
        ("disk_read_bytes_per_s", "bytes_per_s", "Disk read", "disk", "gauge"),
    ],
)
def test_a_field_is_described_as_here_or_by_its_name(
    name: str, unit: str, label: str, group: str, kind: str
) -> None:
    found = described(name, KNOWN)
    assert (found.name, found.unit, found.label, found.group, found.kind) == (
        *(name, unit, label, group, kind),
    )
