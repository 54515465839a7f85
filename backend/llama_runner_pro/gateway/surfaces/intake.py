"""A request's body: taken in piece by piece, on disk when it is large, whole again when sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from llama_runner_pro.core.errors import BadRequest, ClientGone
from llama_runner_pro.gateway.body import collect
from llama_runner_pro.gateway.dispatch import spooled_of
from llama_runner_pro.gateway.lifted import lift

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope

    from llama_runner_pro.gateway.body import Spooled
    from llama_runner_pro.gateway.dispatch import Dispatch
    from llama_runner_pro.gateway.lifted import Lifted
    from llama_runner_pro.gateway.ports import Upstream
    from llama_runner_pro.gateway.surfaces.desk import GatewayInfo

    ToDispatch = Callable[[Upstream], Dispatch]

T = TypeVar("T")


class Intake:
    """The body of one request. `close` it."""

    def __init__(self, scope: Scope, receive: Receive, info: GatewayInfo) -> None:
        self._receive, self._info = receive, info
        self._on_disk: Spooled | None = spooled_of(scope)
        self._arrived: bytes | Spooled | None = None
        self._lifted: Lifted | None = None
        self.size_bytes = 0
        """Of what arrived."""
        if self._on_disk is not None:
            # The relay took it in, and then saw that it has to be translated.
            self._arrived, self.size_bytes = self._on_disk, self._on_disk.given_bytes

    async def document(self) -> bytes:
        """As JSON text. Of a large one, long texts stay on disk: marks stand for them.

        Raises what `arrived` raises.
        """
        arrived = await self.arrived()
        if isinstance(arrived, bytes):
            return arrived
        if self._lifted is None:
            self._lifted = await lift(arrived)
        return self._lifted.document

    async def arrived(self) -> bytes | Spooled:
        """As it came, on disk when it is large.

        Raises `BadRequest` (413 beyond the limit, 507 when the disk is full), `ClientGone`.
        """
        if self._arrived is None:
            limit_bytes = self._info.body_limit_bytes()
            try:
                found = await collect(self._pieces(), limit_bytes, self._info.spool_folder)
            except OSError as error:
                reason = f"the request could not be kept on disk ({error.strerror})"
                raise BadRequest(reason, status=507, code="no_space") from error
            self._arrived = found
            self._on_disk = None if isinstance(found, bytes) else found
        return self._arrived

    async def _pieces(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            piece, more = message.get("body", b""), message.get("more_body", False)
            self.size_bytes += len(piece)
            yield piece

    def close(self) -> None:
        """Remove what lies on disk."""
        if self._on_disk is not None:
            self._on_disk.close()

    @property
    def is_large(self) -> bool:
        """Marks stand in `document` for some of its texts."""
        return self._lifted is not None

    async def in_full(self, told: T, limit_bytes: int) -> T | None:
        """The same with its long texts; None when that takes more room."""
        woven = msgspec.json.encode(told)
        if self._lifted is not None:
            found = self._lifted.woven(woven)
            if not isinstance(found, bytes):
                if found.size_bytes > limit_bytes:
                    return None
                woven = b"".join([piece async for piece in found.pieces()])
        full: T = msgspec.json.decode(woven)
        return full if len(woven) <= limit_bytes else None

    def in_dispatch(self, dispatch: ToDispatch) -> ToDispatch:
        """The same way to make requests, with every text back in its place."""
        lifted = self._lifted
        if lifted is None:
            return dispatch

        def whole(upstream: Upstream) -> Dispatch:
            sent = dispatch(upstream)
            if isinstance(sent.body, bytes):
                return replace(sent, body=lifted.woven(sent.body))
            return sent

        return whole
