"""Two hours of three computers with known values, as a Prometheus would have scraped them."""

from __future__ import annotations

import time
from dataclasses import dataclass

SCRAPE_S = 15
ODD = 'say "hi" 🦙'


@dataclass(frozen=True)
class Written:
    """When the two hours were; whole hours, so that every step's buckets begin there."""

    from_s: int
    to_s: int


def two_hours(now_s: float | None = None) -> tuple[Written, str]:
    """The time, and OpenMetrics text with samples of every 15 s.

    CPU of `a` rises by one with every sample and starts again at 40; 20 min are missing after the
    first hour. `b` stands still at 7, `c` was there for the first half hour only.
    """
    to_s = int((time.time() if now_s is None else now_s) // 3600) * 3600 - 3600
    written = Written(to_s - 7200, to_s)
    lines: dict[str, list[str]] = {}
    for number, at_s in enumerate(range(written.from_s, written.to_s, SCRAPE_S)):
        gone = 3600 <= at_s - written.from_s < 4800
        for host in ("a", "b", "c"):
            if (host == "a" and gone) or (host == "c" and at_s - written.from_s >= 1800):
                continue
            cpu = {"a": number % 40, "b": 7, "c": 1}[host]
            labels = f'instance="{host}:8585",job="llama-runner"'
            endpoint = ODD.replace('"', '\\"')
            for metric, more, value in (
                ("cpu_usage_percent", "", cpu),
                ("up", "", 1),
                ("last_sample_timestamp_seconds", "", at_s),
                ("build_info", f',hostname="box-{host}",sidecar="1a2b3c4d",version="0.1.0"', 1),
                ("endpoint_response_duration_seconds", f',endpoint="{endpoint}"', 0.25),
                ("endpoint_restarts_total", f',endpoint="{endpoint}"', number),
            ):
                name = f"llama_runner_{metric}"
                lines.setdefault(name, []).append(f"{name}{{{labels}{more}}} {value} {at_s}")
    text = []
    for name, rows in lines.items():
        family, kind = (
            (name.removesuffix("_total"), "counter") if name.endswith("_total") else (name, "gauge")
        )
        text += [f"# TYPE {family} {kind}", *rows]
    return written, "\n".join([*text, "# EOF", ""])
