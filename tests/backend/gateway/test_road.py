from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.road import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.errors import GatewayError


def noting(into: list[str], word: str) -> Callable[..., None]:
    return lambda *_error: into.append(word)


async def test_a_bug_is_logged_and_told_and_goes_no_further(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def buggy() -> None:
        raise ZeroDivisionError

    told: list[str] = []
    with caplog.at_level(logging.ERROR):
        await guarded(buggy(), noting(told, "cancelled"), noting(told, "stumbled"))
    assert told == ["stumbled"]
    assert "ZeroDivisionError" in caplog.text


async def test_what_is_refused_on_the_way_keeps_its_reason() -> None:
    async def refusing() -> None:
        raise BadRequest("no")

    errors: list[GatewayError] = []
    await guarded(refusing(), lambda: None, errors.append)
    assert [str(error) for error in errors] == ["no"]


async def test_a_cancellation_is_told_and_goes_on() -> None:
    told: list[str] = []
    forever = asyncio.Event()

    async def wait() -> None:
        await forever.wait()

    task = asyncio.ensure_future(
        guarded(wait(), noting(told, "cancelled"), noting(told, "stumbled"))
    )
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["cancelled"]
