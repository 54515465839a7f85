"""`GET /api/ai-monitor/logs`: the end of a log, filtered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.api.envelope import envelope
from llama_runner_pro.api.log_reader import LogFilter, UnknownLogSource
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Reply
from llama_runner_pro.api.schemas import LogLines, LogsQuery

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def logs(call: Call) -> Reply:
    """The newest lines that match, oldest first."""
    query = call.query_as(LogsQuery)
    wanted = LogFilter(level=query.level, text=query.q)
    try:
        tail = await asyncio.to_thread(call.deps.logs.tail, query.source, query.lines, wanted)
    except UnknownLogSource as error:
        raise unknown_source(error) from error
    found = LogLines(source=query.source, lines=tail.lines, truncated=tail.truncated)
    count = len(tail.lines)
    message = f"{count} line{'' if count == 1 else 's'} of the {query.source} log"
    return Reply(envelope(call.deps.clock, message, found))


def unknown_source(error: UnknownLogSource) -> ApiProblem:
    """404 that lists the logs that exist."""
    return ApiProblem(
        404,
        "unknown_log",
        "No such log",
        str(error),
        hint=f"sources: {', '.join(error.known)}",
        known=error.known,
    )
