from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.model_page import ModelPage

from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded, ProtocolBroken
from llama_runner_pro.metrics.collectors.model_watch import REQUEST_DEADLINE_S, ModelWatch

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.model_watch import Found


class Patient(ModelWatch):
    """Reads one number, every five seconds."""

    parts = {"number": ("count", "Number", "gauge")}  # noqa: RUF012 - as dialects declare it
    min_interval_s = 5.0
    forgotten = 0

    async def _look(self, target: MetricTarget, now_s: float) -> Found:
        page = await self._get(target, "/number", "it has no number")
        return {"number": int(page.body.decode())}, {}

    def _forget(self) -> None:
        self.forgotten += 1


@pytest.fixture
def page() -> ModelPage:
    page = ModelPage(Patient)
    page.upstream.body = b"7"
    return page


async def seconds_asked(page: ModelPage, until: int) -> list[int]:
    asked = []
    for second in range(until):
        before = len(page.upstream.asked)
        await page.ask(second)
        if len(page.upstream.asked) > before:
            asked.append(second)
    return asked


async def test_the_last_answer_counts_until_it_is_time_again(page: ModelPage) -> None:
    assert await page.ask(0) == ({"number": 7}, {})
    page.upstream.body = b"8"
    assert await page.ask(4) == ({"number": 7}, {})
    assert await page.ask(5) == ({"number": 8}, {})


async def test_the_pace_is_kept(page: ModelPage) -> None:
    assert await seconds_asked(page, 16) == [0, 5, 10, 15]


async def test_every_request_has_a_deadline_and_the_endpoints_headers(page: ModelPage) -> None:
    await page.ask(0)
    (asked,) = page.upstream.asked
    assert asked.deadline_s == REQUEST_DEADLINE_S
    assert asked.headers == {"Authorization": "Bearer x"}
    assert asked.url == "http://127.0.0.1:1/number"


async def test_a_busy_server_is_asked_less_and_less(page: ModelPage) -> None:
    page.upstream.error = DeadlineExceeded("too slow")
    assert await seconds_asked(page, 16) == [0, 1, 3, 7, 11, 15]
    assert await page.ask(15) == ({}, {"number": "busy: it does not tell at the moment"})


@pytest.mark.parametrize(
    ("status", "words"), [(404, "it has no number"), (401, "/number asks for an API key")]
)
async def test_a_server_that_does_not_show_it_is_asked_rarely(
    page: ModelPage, status: int, words: str
) -> None:
    page.upstream.status = status
    assert await seconds_asked(page, 61) == [0, 60]
    assert await page.ask(61) == ({}, {"number": words})


@pytest.mark.parametrize(
    "error", [ConnectRefused("nothing answers"), ProtocolBroken("no list of models")]
)
async def test_what_went_wrong_is_said_in_words(page: ModelPage, error: Exception) -> None:
    page.upstream.error = error
    assert await page.ask(0) == ({}, {"number": str(error)})


async def test_an_answer_in_another_encoding_is_a_failure_and_not_a_crash(page: ModelPage) -> None:
    page.upstream.body = b"\xff\xfe"
    values, reasons = await page.ask(0)
    assert values == {}
    assert "decode" in reasons["number"]


async def test_after_a_failure_nothing_builds_on_what_was_before(page: ModelPage) -> None:
    await page.ask(0)
    page.upstream.error = ConnectRefused("gone")
    assert (await page.ask(5))[0] == {}
    assert isinstance(page.watch, Patient)
    assert page.watch.forgotten == 1
    page.upstream.error = None
    assert await page.ask(6) == ({"number": 7}, {})
