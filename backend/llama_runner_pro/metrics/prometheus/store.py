"""Asking a Prometheus-compatible store: Prometheus, VictoriaMetrics, Mimir, Thanos.

API: prometheus.io, "HTTP API". Forms are sent, since a query over many series is longer than an
address may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import msgspec

from llama_runner_pro.core.errors import StoreUnavailable, TransportError
from llama_runner_pro.core.unreadable import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.config.monitoring import PrometheusSpec
    from llama_runner_pro.transport.client import Response

LARGEST_ANSWER_BYTES = 32_000_000
_WORDS = 300
_RUNS = "look whether it runs, and at history.prometheus.url in the configuration"
_ADDRESS = (
    "history.prometheus.url is the address before /api/v1: Mimir wants /prometheus after the "
    "host, VictoriaMetrics' cluster /select/0/prometheus"
)
_KEY = "history.prometheus.headers holds what it wants, e.g. Authorization or X-Scope-OrgID"
_QUERY = "look at history.prometheus.selector and host_label in the configuration"
_LOAD = "it may be starting or overloaded; a shorter range or fewer series ask less of it"


class Asking(Protocol):
    """The part of `HttpClient` that is needed here."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit_bytes: int = 1_000_000,
    ) -> Response:
        """One exchange."""
        ...


class Row(msgspec.Struct, frozen=True):
    """One series of an answer: `value` at one moment, or `values` over a range."""

    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class _Result(msgspec.Struct, frozen=True):
    result: list[Row]


class _Answer(msgspec.Struct, frozen=True):
    status: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""


_ANSWER = msgspec.json.Decoder(_Answer)
_RESULT = msgspec.json.Decoder(_Result)
_SERIES = msgspec.json.Decoder(list[dict[str, str]])


class Store:
    """One store. Every method raises `StoreUnavailable` with what to do, and nothing else.

    A question takes at most the configured time, its answer at most 32 MB. Cancelling closes the
    connection.
    """

    def __init__(self, http: Asking, spec: PrometheusSpec) -> None:
        self._http = http
        self.spec = spec

    async def at(self, query: str, time_ms: int) -> list[Row]:
        """The answer at one moment."""
        form = [("query", query), ("time", _seconds(time_ms))]
        return await self._rows("query", form)

    async def over(self, query: str, first_ms: int, last_ms: int, step_s: int) -> list[Row]:
        """The answer at every step, first and last included."""
        times = [("start", _seconds(first_ms)), ("end", _seconds(last_ms)), ("step", str(step_s))]
        return await self._rows("query_range", [("query", query), *times])

    async def series(
        self, selectors: Sequence[str], from_ms: int, to_ms: int
    ) -> list[dict[str, str]]:
        """The labels of every series that fits one of the selectors."""
        times = [("start", _seconds(from_ms)), ("end", _seconds(to_ms))]
        data = await self._data("series", [("match[]", text) for text in selectors] + times)
        found: list[dict[str, str]] = self._decoded(_SERIES, data)
        return found

    async def _rows(self, verb: str, form: list[tuple[str, str]]) -> list[Row]:
        found: _Result = self._decoded(_RESULT, await self._data(verb, form))
        return found.result

    def _decoded(self, decoder: msgspec.json.Decoder[Any], data: msgspec.Raw) -> Any:
        try:
            return decoder.decode(data)
        except UNREADABLE as error:
            raise self._strange() from error

    async def _data(self, verb: str, form: list[tuple[str, str]]) -> msgspec.Raw:
        url = f"{self.spec.url.rstrip('/')}/api/v1/{verb}"
        headers = {**self.spec.headers, "content-type": "application/x-www-form-urlencoded"}
        try:
            response = await self._http.request(
                "POST",
                url,
                deadline_s=self.spec.timeout_s,
                headers=headers,
                body=urlencode(form).encode(),
                limit_bytes=LARGEST_ANSWER_BYTES,
            )
        except TransportError as error:
            raise StoreUnavailable(f"the metrics store cannot be asked: {error}", _RUNS) from error
        except ValueError as error:
            # Its text may repeat a header, which is a secret.
            words = "the metrics store cannot be asked: its address or a header cannot be sent"
            raise StoreUnavailable(words, _KEY) from error
        return self._accepted(response)

    def _accepted(self, response: Response) -> msgspec.Raw:
        status = response.status
        if status in (401, 403):
            raise StoreUnavailable(f"the metrics store refuses us (status {status})", _KEY)
        try:
            answer = _ANSWER.decode(response.body)
        except UNREADABLE as error:
            if status in (429, 502, 503, 504):
                words = f"the metrics store cannot answer now (status {status})"
                raise StoreUnavailable(words, _LOAD) from error
            raise self._strange() from error
        if answer.status == "success":
            return answer.data
        said = answer.error[:_WORDS] or f"status {status}"
        hint = _QUERY if status in (400, 422) else _LOAD
        raise StoreUnavailable(f"the metrics store could not answer: {said}", hint)

    def _strange(self) -> StoreUnavailable:
        words = f"what answers at {self.spec.url} is not a metrics store"
        return StoreUnavailable(words, _ADDRESS)


def _seconds(time_ms: int) -> str:
    return f"{time_ms / 1000:.3f}"
