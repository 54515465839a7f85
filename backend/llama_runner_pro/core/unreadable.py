"""What a decoder raises at bytes that others sent."""

from __future__ import annotations

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""No JSON or MessagePack, another shape, text that is no UTF-8, or brackets within brackets until
the stack ends, which takes 2 kB and is no ValueError."""
