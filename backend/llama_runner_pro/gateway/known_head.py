"""Heads that were understood once: peers repeat them, but for the length of the body.

Nothing is parsed here. A parser has read a message with these very bytes around its length, and
a message that is the same up to the digits of its length means the same.
"""

from __future__ import annotations

_LENGTH = b"\r\ncontent-length:"
_END = b"\r\n\r\n"
_DIGITS = 12
"""More of them announce a body that does not come in one piece."""


class KnownHead:
    """One head, cut in two where the digits of its length stand."""

    __slots__ = ("_after", "_at", "_before", "_reach", "_skip")

    def __init__(self, before: bytes, after: bytes) -> None:
        self._before, self._after = before, after
        self._at, self._skip = len(before), len(after)
        self._reach = _DIGITS + self._skip

    def body_of(self, message: bytes) -> bytes | None:
        """The body of a whole message with this head; None for all else, longer ones as well."""
        if not message.startswith(self._before):
            return None
        end = message.find(self._after, self._at, self._at + self._reach)
        digits = message[self._at : end]
        if end < 0 or not digits.isdigit():
            return None
        start = end + self._skip
        return message[start:] if len(message) - start == int(digits) else None


def known_head(message: bytes) -> KnownHead | None:
    """The head of a message that a parser has taken for one whole message and nothing more.

    None when it does not tell its length in the usual way, once.
    """
    end = message.find(_END)
    at = message[:end].lower().find(_LENGTH) if end > 0 else -1
    if at < 0:
        return None
    at += len(_LENGTH)
    while message[at : at + 1] == b" ":
        at += 1
    stop = message.find(b"\r", at)
    head = KnownHead(message[:at], message[stop : end + len(_END)])
    rest = message[stop : end + 1]
    odd = rest.startswith((b"\r\n ", b"\r\n\t")) or _LENGTH in rest.lower()
    return None if odd or head.body_of(message) is None else head
