"""Asks sockets what they are: short questions, few at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from llama_runner_pro.core.errors import DeadlineExceeded, TransportError
from llama_runner_pro.core.origin import origin
from llama_runner_pro.supervision.discovery.answers import (
    FURTHER,
    HEALTH,
    MODELS,
    OPENING,
    Answer,
    Answers,
    could_be_a_model_server,
    may_be_asked_for_health,
)
from llama_runner_pro.supervision.discovery.products import USUAL_PORTS, product_of_program

if TYPE_CHECKING:
    from llama_runner_pro.supervision.discovery.listeners import Listener
    from llama_runner_pro.supervision.probes.http import Http

PROBE_S = 0.3
AT_ONCE = 16
AT_ONCE_EACH = 4
"""Questions that one server gets at the same time: some answer one after the other."""
_LIMIT_BYTES = 256_000
_HEADERS = {"accept": "application/json, text/plain, */*"}

Outcome = Literal["answered", "late", "mute"]


class Asking:
    """Puts questions to sockets, at most `AT_ONCE` at any moment over all of them."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._slots = asyncio.Semaphore(AT_ONCE)
        # Whoever answers is heard to the end before the next one's turn: otherwise its second
        # question would stand in line behind the first ones to a crowd that keeps silent.
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def ask(self, listener: Listener, answers: Answers) -> None:
        """Fill `answers` with what the socket says; it holds what came so far when cancelled.

        Whoever refuses, does not speak HTTP or keeps silent is left alone after one question,
        unless port or program make it worth while. Never raises for what a server does.
        """
        async with self._turns:
            await self._interview(listener, answers)

    async def _interview(self, listener: Listener, answers: Answers) -> None:
        expected = listener.port in USUAL_PORTS or product_of_program(listener.program) is not None
        first = await self._one(listener, MODELS, answers)
        if first == "mute" or (first == "late" and not expected):
            return
        await self._many(listener, OPENING[1:], answers)
        if answers.by_path and (expected or could_be_a_model_server(answers)):
            await self._many(listener, FURTHER, answers)
            if may_be_asked_for_health(answers):
                await self._one(listener, HEALTH, answers)

    async def _many(self, listener: Listener, paths: tuple[str, ...], answers: Answers) -> None:
        turns = asyncio.Semaphore(AT_ONCE_EACH)

        async def one(path: str) -> None:
            async with turns:
                await self._one(listener, path, answers)

        async with asyncio.TaskGroup() as questions:
            for path in paths:
                questions.create_task(one(path))

    async def _one(self, listener: Listener, path: str, answers: Answers) -> Outcome:
        url = origin(listener.host, listener.port) + path
        async with self._slots:
            try:
                response = await self._http.request(
                    "GET", url, deadline_s=PROBE_S, headers=_HEADERS, limit_bytes=_LIMIT_BYTES
                )
            except DeadlineExceeded:
                return "late"
            except TransportError:
                return "mute"
        answers.by_path[path] = Answer(response.status, response.headers, response.body)
        return "answered"
