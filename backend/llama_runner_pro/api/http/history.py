"""`/api/history`: the past of every series."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llama_runner_pro.api.history_export import Export, most_rows
from llama_runner_pro.api.history_shapes import (
    MOST_SERIES,
    HistoryExportQuery,
    HistoryQuery,
    HistorySeries,
    HistorySeriesQuery,
)
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Download, Reply
from llama_runner_pro.core.moments import HINT, iso, moment_ms

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call

HOUR_MS = 3_600_000
LONGEST_MS = 20 * 365 * 24 * HOUR_MS
_NAME = re.compile(r"(?:\\,|[^,])+")


async def history(call: Call) -> Reply:
    """Buckets of the series asked for, with what happened meanwhile."""
    query = call.query_as(HistoryQuery)
    names = names_in(query.series)
    if not names:
        hint = "name them as in ?series=cpu_usage_pct,load_1m; GET /api/history/series lists all"
        raise _bad("no_series", "No series asked for", "no series is named", hint)
    if len(names) > MOST_SERIES:
        words = f"{len(names)} series are named, at most {MOST_SERIES} are answered at once"
        raise _bad("too_many_series", "Too many series", words, "ask for them in parts")
    from_ms, to_ms = times(query.from_, query.to, call.deps.clock.wall_ms())
    past = call.deps.past
    return Reply(await past.query(names, from_ms, to_ms, query.points, query.host or None))


async def export(call: Call) -> Reply:
    """Any range as a file, however long: it is written while it is read."""
    query = call.query_as(HistoryExportQuery)
    from_ms, to_ms = times(query.from_, query.to, call.deps.clock.wall_ms())
    past = call.deps.past
    names = names_in(query.series) or [one.name for one in await past.series()]
    step_ms = query.step * 1000 or -(-(to_ms - from_ms) // most_rows(len(names)))
    if (to_ms - from_ms) / step_ms > most_rows(len(names)):
        words = f"more than {most_rows(len(names))} rows of {len(names)} series"
        raise _bad("too_many_rows", "Too many rows", words, "take a longer step or fewer series")
    wanted = Export(past, names, from_ms, to_ms, max(step_ms, 1000), query.host or None)
    # The first part is read now, so that what is in the way is told as an error.
    await wanted.open()
    stamp = re.sub(r"[:.]", "", iso(from_ms))
    name = f"llama-runner-history-{stamp}.{query.format}"
    if query.format == "json":
        return Reply(Download(name, "application/json", wanted.as_json()))
    return Reply(Download(name, "text/csv", wanted.as_csv()))


async def stats(call: Call) -> Reply:
    """How the store is, and how large it will become."""
    return Reply(await call.deps.past.stats())


async def series(call: Call) -> Reply:
    """Everything that can be asked for."""
    host = call.query_as(HistorySeriesQuery).host or None
    return Reply(HistorySeries(series=list(await call.deps.past.series(host))))


def names_in(text: str) -> list[str]:
    r"""The names in a list with commas; `\,` is a comma that belongs to a name."""
    found = (part.replace("\\,", ",").strip() for part in _NAME.findall(text))
    return list(dict.fromkeys(name for name in found if name))


def times(from_text: str, to_text: str, now_ms: int) -> tuple[int, int]:
    """The range asked for; the last hour without words. Raises ApiProblem 400."""
    to_ms = _moment("to", to_text, now_ms) if to_text else now_ms
    from_ms = _moment("from", from_text, now_ms) if from_text else to_ms - HOUR_MS
    if from_ms >= to_ms:
        raise _bad("bad_range", "Not a range", "`from` is not before `to`", "swap them")
    if to_ms - from_ms > LONGEST_MS:
        raise _bad("bad_range", "Too long a range", "it spans more than 20 years", "shorten it")
    return max(0, from_ms), to_ms


def _moment(key: str, text: str, now_ms: int) -> int:
    try:
        return moment_ms(text, now_ms)
    except (ValueError, OverflowError):
        words = f"`{key}` is {text[:40]!r}, which is no moment in time"
        raise _bad("bad_range", "Not a moment", words, HINT) from None


def _bad(code: str, title: str, words: str, hint: str) -> ApiProblem:
    return ApiProblem(400, code, title, words, hint=hint)
