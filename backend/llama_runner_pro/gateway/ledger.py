"""What passes through the gateway, remembered without any of its text."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.traffic import ModelTraffic, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Ending, RequestRecord

KEPT = 500
"""Requests that ended and are still listed."""
WINDOW_S = 60.0
_WINDOW_REQUESTS = 300
"""Per endpoint; beyond, medians are those of the newest."""
_ENDPOINTS_KEPT = 1_000
_WAITING = frozenset({"queued", "loading"})


@dataclass(slots=True)
class _Account:
    """One endpoint's sums and its last minute."""

    ended: Counter[Ending] = field(default_factory=Counter)
    prompt_tokens: int = 0
    generated_tokens: int = 0
    recent: deque[tuple[float, RequestRecord]] = field(
        default_factory=lambda: deque(maxlen=_WINDOW_REQUESTS)
    )

    def add(self, record: RequestRecord, now_s: float) -> None:
        if record.ending is not None:
            self.ended[record.ending] += 1
        self.prompt_tokens += record.prompt_tokens or 0
        self.generated_tokens += record.generated_tokens or 0
        self.recent.append((now_s, record))

    def last_minute(self, now_s: float) -> list[RequestRecord]:
        while self.recent and now_s - self.recent[0][0] >= WINDOW_S:
            self.recent.popleft()
        return [record for _, record in self.recent]


class Ledger:
    """Satisfies `RequestSink`. Bounded: the running requests and the last 500. One event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[str, RequestRecord] = {}
        self._ended: deque[RequestRecord] = deque(maxlen=KEPT)
        self._sums: Counter[Ending] = Counter()
        self._accounts: dict[str, _Account] = {}

    def requested(self, record: RequestRecord) -> None:
        """Take note of a request that began, changed its phase, or ended."""
        if record.ending is None:
            self._running[record.id] = record
            return
        self._running.pop(record.id, None)
        self._ended.append(record)
        self._sums[record.ending] += 1
        if record.endpoint is not None:
            account = self._accounts.get(record.endpoint) or self._account(record.endpoint)
            account.add(record, self._clock.monotonic())

    def running(self) -> list[RequestRecord]:
        """Requests that are under way, the oldest first."""
        return list(self._running.values())

    def ended(self, limit: int, fits: Callable[[RequestRecord], bool]) -> list[RequestRecord]:
        """The newest `limit` of the remembered ones that fit, newest first."""
        return list(_first(limit, filter(fits, reversed(self._ended))))

    def traffic(self) -> Traffic:
        """Sums and medians of everything so far."""
        running = list(self._running.values())
        names = dict.fromkeys(
            [*self._accounts, *(one.endpoint for one in running if one.endpoint is not None)]
        )
        return Traffic(
            in_flight=len(running),
            waiting=_waiting(running),
            ended=dict(self._sums),
            models=tuple(self._model(name, running) for name in names),
        )

    def _model(self, name: str, running: Iterable[RequestRecord]) -> ModelTraffic:
        account = self._accounts.get(name) or _Account()
        recent = account.last_minute(self._clock.monotonic())
        mine = [record for record in running if record.endpoint == name]
        return ModelTraffic(
            endpoint=name,
            in_flight=len(mine),
            waiting=_waiting(mine),
            ended=dict(account.ended),
            prompt_tokens_total=account.prompt_tokens,
            generated_tokens_total=account.generated_tokens,
            requests_60s=len(recent),
            ttft_ms=_median(record.ttft_ms for record in recent),
            queue_ms=_median(record.queue_ms for record in recent),
            load_ms=_median(record.load_ms for record in recent),
            inter_token_p50_ms=_median(record.inter_token_p50_ms for record in recent),
            inter_token_p95_ms=_median(record.inter_token_p95_ms for record in recent),
            prompt_tokens_per_s=_median(record.prompt_tokens_per_s for record in recent),
            generation_tokens_per_s=_median(record.generation_tokens_per_s for record in recent),
        )

    def _account(self, endpoint: str) -> _Account:
        account = self._accounts.get(endpoint)
        if account is None:
            if len(self._accounts) >= _ENDPOINTS_KEPT:
                # The one that was first seen longest ago; its sums begin anew when it returns.
                del self._accounts[next(iter(self._accounts))]
            account = self._accounts[endpoint] = _Account()
        return account


def _waiting(records: Iterable[RequestRecord]) -> int:
    return sum(record.phase in _WAITING for record in records)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _first(limit: int, records: Iterator[RequestRecord]) -> Iterator[RequestRecord]:
    for _, record in zip(range(limit), records, strict=False):
        yield record
