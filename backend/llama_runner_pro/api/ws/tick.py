"""One tick and one event, encoded at most once per form, whoever many sessions take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from llama_runner_pro.api.frames import Tick
from llama_runner_pro.metrics.model import DETAIL_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llama_runner_pro.api.codec import Codec, Wire
    from llama_runner_pro.api.frames import Event, Fields, Number

E = TypeVar("E", bound="Event | Fields")
Groups = frozenset[str]


def wanted(group: str, groups: Groups | None) -> bool:
    """Whether a session with these groups gets this one; without a choice it gets no details."""
    return group not in DETAIL_GROUPS if groups is None else group in groups


class SharedTick:
    """A sample on its way to the sessions. Immutable but for its cache of encoded forms."""

    __slots__ = (
        "_changed",
        "_encoded",
        "_group_of",
        "_plain",
        "_plain_source",
        "_values",
        "at_s",
        "fields_version",
        "previous_seq",
        "seq",
        "t_ms",
    )

    def __init__(
        self,
        *,
        seq: int,
        previous_seq: int,
        t_ms: int,
        at_s: float,
        fields_version: int,
        values: Mapping[int, Number],
        changed: Mapping[int, Number],
        group_of: Mapping[int, str],
        plain: Callable[[], object],
    ) -> None:
        self.seq = seq
        self.previous_seq = previous_seq
        """The tick that the delta builds on."""
        self.t_ms = t_ms
        self.at_s = at_s
        self.fields_version = fields_version
        self._values = values
        self._changed = changed
        self._group_of = group_of
        self._plain_source = plain
        self._plain: str | None = None
        self._encoded: dict[tuple[str, bool, Groups | None], Wire] = {}

    def encoded(self, codec: Codec, groups: Groups | None, *, full: bool) -> Wire:
        """The frame for sessions with this codec and these groups (None: the usual)."""
        key = (codec.subprotocol, full, groups)
        if key not in self._encoded:
            values = self.in_groups(self._values if full else self._changed, groups)
            frame = Tick(seq=self.seq, t_ms=self.t_ms, values=values, full=full)
            self._encoded[key] = codec.encode(frame)
        return self._encoded[key]

    def values(self, groups: Groups | None) -> dict[int, Number]:
        """Everything as of this tick."""
        return self.in_groups(self._values, groups)

    def in_groups(self, values: Mapping[int, Number], groups: Groups | None) -> dict[int, Number]:
        """Those of `values` that belong to the groups."""
        return {key: value for key, value in values.items() if wanted(self._group_of[key], groups)}

    def plain(self) -> str:
        """The message for clients without subprotocol."""
        if self._plain is None:
            self._plain = msgspec.json.encode(self._plain_source()).decode()
        return self._plain


class SharedFrame(Generic[E]):
    """An event that every session gets; encoded at most once per codec."""

    __slots__ = ("_encoded", "frame")

    def __init__(self, frame: E) -> None:
        self.frame = frame
        self._encoded: dict[str, Wire] = {}

    def encoded(self, codec: Codec) -> Wire:
        """The frame's bytes."""
        if codec.subprotocol not in self._encoded:
            self._encoded[codec.subprotocol] = codec.encode(self.frame)
        return self._encoded[codec.subprotocol]
