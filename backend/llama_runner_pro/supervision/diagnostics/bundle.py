"""Packs texts into one archive of bounded size. Pure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.supervision.diagnostics.redaction import Redactor

BUNDLE_BYTES = 20_000_000
MEMBER_BYTES = 1_000_000
_CUT = "(the beginning was left out)\n"


class Member(ValueObject, frozen=True):
    """One file of an archive."""

    name: str
    """A relative path with forward slashes; ours, never taken from outside."""
    text: str


def pack(
    members: Iterable[Member],
    redactor: Redactor,
    *,
    folder: str,
    now_s: float,
    limit_bytes: int = BUNDLE_BYTES,
) -> bytes:
    """A .tar.gz of `members` below one `folder`, every secret replaced.

    Of a text that is too long the end is kept, in whole lines, so that no secret is cut in two
    before it is looked for. All texts together have at most `limit_bytes`.
    """
    # A bundle is rare, a start is not.
    import gzip
    import tarfile

    left_bytes = limit_bytes
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            limit = min(MEMBER_BYTES, left_bytes)
            # Known secrets may have several lines: they go before anything is cut.
            shortened = _bounded(redactor.without_known(member.text), limit).decode()
            content = _bounded(redactor.text(shortened), limit)
            left_bytes -= len(content)
            entry = tarfile.TarInfo(f"{folder}/{member.name}")
            entry.size, entry.mtime, entry.mode = len(content), now_s, 0o600
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=int(now_s))


def _bounded(text: str, limit_bytes: int) -> bytes:
    content = text.encode("utf-8", "replace")
    if len(content) <= limit_bytes:
        return content
    kept = max(0, limit_bytes - len(_CUT))
    end = content[len(content) - kept :]
    # Whole lines only: of a line that was cut, a part of a secret might be left.
    return _CUT.encode()[:limit_bytes] + end.partition(b"\n")[2]
