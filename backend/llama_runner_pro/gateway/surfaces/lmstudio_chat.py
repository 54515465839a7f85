"""LM Studio's API, version 1: its own chat, with state and named events."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import ClientGone, GatewayError
from llama_runner_pro.gateway.dialects import failure_of, fault_of
from llama_runner_pro.gateway.surfaces.answers import (
    SSE,
    Streamed,
    json_answer,
    passed,
    translated,
)
from llama_runner_pro.gateway.surfaces.call import accepted, post_json, refuse_lacking
from llama_runner_pro.gateway.surfaces.conversations import MOST_BYTES
from llama_runner_pro.gateway.surfaces.lmstudio_openai import NATIVE_KIND
from llama_runner_pro.gateway.surfaces.ollama_talk import native
from llama_runner_pro.gateway.surfaces.waiting import Sending
from llama_runner_pro.gateway.translate.anthropic_answer import event
from llama_runner_pro.gateway.translate.lmstudio_chat import (
    ChatAsked,
    Conversation,
    chat_request,
    parse_chat,
    user_turn,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.responses import Response

    from llama_runner_pro.gateway.dispatch import Dispatch
    from llama_runner_pro.gateway.journey import Reply
    from llama_runner_pro.gateway.ports import Progress, Upstream
    from llama_runner_pro.gateway.surfaces.call import Call
    from llama_runner_pro.gateway.surfaces.conversations import Conversations

_PATH = "/api/v1/chat"


class ChatSurface:
    """`POST /api/v1/chat` with the conversations it remembers."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def chat(self, call: Call) -> Response | Streamed:
        """One turn, whole or as events."""
        body = await call.body()
        asked = parse_chat(body)
        view = call.find(asked.model)
        if view.kind == NATIVE_KIND:
            ask = call.ask(asked.model, "chat", stream=asked.stream)
            dispatch = partial(_natively, body)
            return passed(await accepted(await call.travel(ask, dispatch)))
        refuse_lacking(view, asked.model, thinking=asked.reasoning not in {None, "off"})
        earlier = self._conversations.turns(asked.previous_response_id)
        answer_id = self._conversations.new_id() if asked.store else None
        conversation = Conversation(view.name, call.meter, answer_id)
        talk = _Talk(call, asked, earlier, conversation)
        turns = None
        if answer_id is not None:
            turns = await call.intake.in_full([*earlier, user_turn(asked)], MOST_BYTES)
        keep = partial(self._keep, answer_id, turns, conversation)
        if asked.stream and view.state != "loaded":
            return Streamed(SSE, _with_loading(talk, keep))
        reply = await talk.send()
        if asked.stream:
            return Streamed(SSE, _events(conversation, reply, keep, conversation.start()))
        conversation.feed(await reply.read())
        if reply.load_ms:
            conversation.load_s = reply.load_ms / 1000
        keep()
        return json_answer(conversation.result())

    def _keep(
        self,
        answer_id: str | None,
        turns: list[dict[str, Any]] | None,
        conversation: Conversation,
    ) -> None:
        if answer_id is not None and turns is not None:
            answer = {"role": "assistant", "content": conversation.text}
            self._conversations.keep(answer_id, (*turns, answer))


class _Talk:
    """A turn on its way."""

    def __init__(
        self,
        call: Call,
        asked: ChatAsked,
        earlier: tuple[dict[str, Any], ...],
        conversation: Conversation,
    ) -> None:
        self._call, self._asked, self._earlier = call, asked, earlier
        self.conversation = conversation

    async def send(self, progress: Callable[[Progress], None] | None = None) -> Reply:
        """The reply, if the server did what was asked."""
        ask = self._call.ask(
            self._asked.model, "chat", stream=self._asked.stream, progress=progress
        )
        return await accepted(await self._call.travel(ask, self._dispatch))

    def _dispatch(self, upstream: Upstream) -> Dispatch:
        made = chat_request(self._asked, self._earlier, upstream.model, upstream.kind)
        return post_json("/v1/chat/completions", made)


def _natively(body: bytes, upstream: Upstream) -> Dispatch:
    return native(_PATH, body, upstream.model)


async def _with_loading(talk: _Talk, keep: Callable[[], None]) -> AsyncGenerator[bytes, None]:
    """Events from the moment the model begins to load; errors are events as well."""
    conversation, sending = talk.conversation, Sending(talk.send)
    yield conversation.start() + conversation.loading()
    async with aclosing(sending.progress()) as told:
        async for progress in told:
            if progress.ratio is not None:
                yield conversation.loading(progress.ratio)
    reply, failure = sending.reply, sending.failure
    if reply is None:
        if failure is not None and not isinstance(failure, ClientGone):
            yield _failed(failure) + conversation.finish()
        return
    loaded = conversation.loaded(reply.load_ms / 1000)
    async with aclosing(_events(conversation, reply, keep, loaded)) as events:
        async for made in events:
            yield made


async def _events(
    conversation: Conversation, reply: Reply, keep: Callable[[], None], first: bytes
) -> AsyncGenerator[bytes, None]:
    """The answer's events. What breaks off is told, and so is what was said until then."""
    yield first + conversation.reading()
    try:
        async with aclosing(translated(reply, conversation.feed, conversation.end)) as events:
            async for made in events:
                yield made
        keep()
    except ClientGone:
        raise
    except GatewayError as error:
        yield _failed(error) + conversation.finish()


def _failed(error: GatewayError) -> bytes:
    told = failure_of("lmstudio", fault_of(error))
    return event("error", {"error": {name: value for name, value in told.items() if value}})
