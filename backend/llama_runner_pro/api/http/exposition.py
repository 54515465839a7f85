"""`GET /metrics` without an upgrade: what Prometheus and its like scrape."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

from llama_runner_pro.api.problems import ApiProblem, problem_response, wrong_method
from llama_runner_pro.metrics.prometheus.exposition import page
from llama_runner_pro.metrics.prometheus.families import families

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from llama_runner_pro.api.deps import ApiDeps

METHODS = ("GET", "HEAD")


class Exposition:
    """Answers with the newest sample. Scraping makes no sensor work: with nobody watching, the
    sample is at most ten seconds old, and says when it was taken."""

    def __init__(self, deps: ApiDeps) -> None:
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """All metrics, in the form that the request asks for."""
        try:
            response = await self._answer(scope)
        except ApiProblem as problem:
            response = problem_response(scope["path"], problem, self._deps.clock)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in METHODS:
            raise wrong_method(scope["method"], scope["path"], METHODS)
        asked = Headers(scope=scope)
        now = self._deps.told()
        # A machine with many endpoints has thousands of lines; viewers shall not wait for them.
        made = await asyncio.to_thread(
            lambda: page(
                families(now),
                accept=asked.get("accept", ""),
                accept_encoding=asked.get("accept-encoding", ""),
            )
        )
        headers = {"cache-control": "no-store", "vary": "accept, accept-encoding"}
        if made.encoding:
            headers["content-encoding"] = made.encoding
        # Starlette would add a charset of its own to text/plain.
        headers["content-type"] = made.media_type
        return Response(made.body, 200, headers)
