"""Moments in time as people write them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

LAST_MS = 253_402_300_799_999
"""The end of the year 9999, beyond which no calendar reaches."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_AGO = re.compile(r"-(\d{1,9})([smhdw])")
HINT = "as in 2026-01-31T12:00:00Z, -24h for a day ago, now, or milliseconds since 1970"


def moment_ms(text: str, now_ms: int) -> int:
    """Milliseconds since 1970. Understands those, ISO 8601 (UTC without a zone), `now` and `-24h`.

    Raises ValueError for anything else, and for moments outside of the years 1970 to 9999.
    """
    wanted = text.strip()
    ago = _AGO.fullmatch(wanted)
    if wanted == "now":
        found_ms = now_ms
    elif ago:
        found_ms = now_ms - int(ago[1]) * _UNITS_MS[ago[2]]
    elif wanted.isascii() and wanted.isdigit():
        found_ms = int(wanted)
    else:
        moment = datetime.fromisoformat(wanted)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        found_ms = round(moment.timestamp() * 1000)
    if not 0 <= found_ms <= LAST_MS:
        raise ValueError("outside of the years 1970 to 9999")
    return found_ms


def iso(t_ms: int) -> str:
    """`2026-01-31T12:00:00.000Z`."""
    moment = _EPOCH + timedelta(milliseconds=t_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
