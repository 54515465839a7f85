"""The answer to a scrape: Prometheus text or OpenMetrics, written by prometheus-client.

Formats: prometheus.io, "Exposition formats"; OpenMetrics 1.0.0. The library is imported with the
first scrape: it takes a moment, and most sidecars are never scraped. Everything here belongs into
a thread.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from llama_runner_pro.metrics.prometheus.families import Family

OPENMETRICS = "application/openmetrics-text"
TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = f"{OPENMETRICS}; version=1.0.0; charset=utf-8"
_GZIP_FROM_BYTES = 1_024
_GZIP_LEVEL = 1
"""Higher ones cost several times as much for a tenth fewer bytes."""


class Page(ValueObject, frozen=True):
    """One answer."""

    body: bytes
    media_type: str
    encoding: str | None
    """`gzip`, or None."""


def page(found: Iterable[Family], *, accept: str = "", accept_encoding: str = "") -> Page:
    """Write `found` in the form that these headers of a request ask for. Blocking."""
    body, media_type = _written(found, openmetrics=wants_openmetrics(accept))
    if _takes_gzip(accept_encoding) and len(body) >= _GZIP_FROM_BYTES:
        # Without a time in it, the same values are the same bytes.
        return Page(gzip.compress(body, _GZIP_LEVEL, mtime=0), media_type, "gzip")
    return Page(body, media_type, None)


def wants_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics is named, and not with a weight below that of plain text."""
    weights = dict(_weights(accept))
    mine = weights.get(OPENMETRICS, 0.0)
    return mine > 0 and mine >= weights.get("text/plain", 0.0)


def _takes_gzip(accept_encoding: str) -> bool:
    return dict(_weights(accept_encoding)).get("gzip", 0.0) > 0


def _weights(header: str) -> Iterator[tuple[str, float]]:
    """Name → greatest weight in an Accept header (RFC 9110, 12.5); what is no number counts as 0.

    Of names that come more than once the lightest is given first, so that `dict` keeps the other.
    """
    found = []
    for element in header.split(","):
        name, *parameters = (part.strip().lower() for part in element.split(";"))
        weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            found.append((name, float(weight)))
        except ValueError:
            found.append((name, 0.0))
    yield from sorted(found, key=lambda pair: pair[1])


def _written(found: Iterable[Family], *, openmetrics: bool) -> tuple[bytes, str]:
    from prometheus_client import exposition as text
    from prometheus_client.openmetrics import exposition as open_metrics

    source = _Source(found)
    if openmetrics:
        body: bytes = open_metrics.generate_latest(source)  # type: ignore[no-untyped-call]
        return body, OPENMETRICS_TYPE
    return text.generate_latest(source), TEXT_TYPE


class _Source:
    """A collector over what was found, instead of the library's global registry."""

    def __init__(self, found: Iterable[Family]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client wants it."""
        from prometheus_client.core import Metric

        for family in self._found:
            name = family.name
            if family.kind != "gauge":
                # These kinds add their ending themselves.
                name = name.removesuffix("_total").removesuffix("_info")
            metric = Metric(name, family.help, family.kind, family.unit)
            for series in family.series:
                metric.add_sample(family.name, dict(series.labels), series.value)
            yield metric
