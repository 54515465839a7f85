"""Requests that pass through as they are, but not over the relay: sound, and what few speak."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.dialects import Refusal
from llama_runner_pro.gateway.dispatch import Dispatch
from llama_runner_pro.gateway.envelope import read_envelope
from llama_runner_pro.gateway.headers import lines_for_server
from llama_runner_pro.gateway.lifted import Woven
from llama_runner_pro.gateway.routes import ROUTES
from llama_runner_pro.gateway.surfaces.answers import passed
from llama_runner_pro.gateway.surfaces.call import accepted
from llama_runner_pro.gateway.surfaces.ollama_talk import native

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.gateway.ports import Upstream
    from llama_runner_pro.gateway.surfaces.answers import Streamed
    from llama_runner_pro.gateway.surfaces.call import Call

_UNKNOWN = (404, 405)
_MODEL_FIELD = re.compile(rb'name="model"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r\n]*)\r\n')


async def upload(call: Call) -> Streamed:
    """A form with a file in it (`/v1/audio/transcriptions`); the model is one of its fields."""
    body = await call.intake.arrived()
    view = body if isinstance(body, bytes) else body.view()
    field = _MODEL_FIELD.search(view)
    if field is None:
        raise BadRequest("the form has no field named model", "model", code="model_missing")
    model = field[1].decode("utf-8", "replace")
    call.meant(model)
    content_type = call.request.headers.get("content-type", "").encode("latin-1")

    def dispatch(upstream: Upstream) -> Dispatch:
        start, end = field.span(1)
        form: bytes | Woven
        if isinstance(view, bytes):
            form = view[:start] + upstream.model.encode() + view[end:]
        else:
            form = Woven(view, [(0, start), upstream.model.encode(), (end, len(view))])
        path = call.path
        return Dispatch("POST", path, lines_for_server([(b"content-type", content_type)]), form)

    return await _heard(call, model, dispatch)


async def speech(call: Call) -> Streamed:
    """`POST /v1/audio/speech`: text in, sound out."""
    body = await call.body()
    model = read_envelope(body).model or ""
    call.meant(model)
    dispatch = partial(_same, call.path, body)
    return await _heard(call, model, dispatch)


async def _heard(call: Call, model: str, dispatch: Callable[[Upstream], Dispatch]) -> Streamed:
    try:
        return passed(await accepted(await call.travel(call.ask(model, "audio"), dispatch)))
    except Refusal as refusal:
        if refusal.fault.status not in _UNKNOWN:
            raise
        # We know the model, so it is most probably the address that its server does not know.
        said = refusal.fault.message
        reason = f"the server of the model {model!r} does not serve {call.path} (it says: {said})"
        raise BadRequest(reason, status=501, code="not_implemented") from refusal


async def rerank(call: Call) -> Streamed:
    """`POST /v1/rerank`, where the server's family can. Raises `BadRequest` (501) elsewhere."""
    body = await call.body()
    path = call.path
    model = read_envelope(body).model or ""
    view = call.meant(model)
    kinds = ROUTES[(b"POST", path.encode())].kinds
    if kinds is not None and view.kind not in kinds:
        raise BadRequest(
            f"the server of the model {model!r} cannot rank", status=501, code="not_implemented"
        )
    dispatch = partial(_same, path, body)
    return passed(await accepted(await call.travel(call.ask(model, "rerank"), dispatch)))


def _same(path: str, body: bytes, upstream: Upstream) -> Dispatch:
    return native(path, body, upstream.model)
