"""Requests whose answer is translated, unless their server speaks the client's own API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.gateway.surfaces.answers import Streamed, json_answer, passed
from llama_runner_pro.gateway.surfaces.call import accepted
from llama_runner_pro.gateway.surfaces.waiting import telling, tells_loading
from llama_runner_pro.gateway.waiting_text import waiting_comment

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.responses import Response

    from llama_runner_pro.gateway.dispatch import Dispatch
    from llama_runner_pro.gateway.journey import Reply
    from llama_runner_pro.gateway.ports import Ask, Meant, Progress, Upstream
    from llama_runner_pro.gateway.surfaces.call import Call


class Talk(ValueObject, frozen=True, kw_only=True):
    """One request, from its dispatch to its answer."""

    call: Call
    view: Meant
    ask: Ask
    dispatch: Callable[[Upstream], Dispatch]
    native: Callable[[Upstream], bool]
    """That server answers in the client's own API."""
    media_type: str
    """Of a stream."""
    translate: Callable[[Reply], AsyncGenerator[bytes, None]]
    whole: Callable[[bytes], Any]
    """What a whole answer becomes; `bytes` are JSON already."""
    say: Callable[[Progress], bytes] = waiting_comment
    """How a streaming client is told of a load."""
    pass_on: Callable[[Reply], Streamed] = passed
    """What becomes of an answer in the client's own API."""

    async def answer(self) -> Response | Streamed:
        """Send it. Raises what `Call.travel` raises, and `Refusal`."""
        if tells_loading(self.call, self.view, streams=self.ask.stream):
            return Streamed(self.media_type, telling(self._send, self.say, self._pieces))
        reply = await self._send()
        if self.native(reply.upstream):
            return self.pass_on(reply)
        if self.ask.stream:
            return Streamed(self.media_type, self.translate(reply))
        return json_answer(self.whole(await reply.read()))

    async def _send(self, progress: Callable[[Progress], None] | None = None) -> Reply:
        ask = self.ask if progress is None else replace(self.ask, progress=progress)
        return await accepted(await self.call.travel(ask, self.dispatch))

    def _pieces(self, reply: Reply) -> AsyncGenerator[bytes, None]:
        return self.pass_on(reply).pieces if self.native(reply.upstream) else self.translate(reply)
