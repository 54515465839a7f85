"""The applications behind the two doors: which address is answered by whom.

The relay stands in front of them and takes what passes through untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Router

from llama_runner_pro.gateway.routes import surface_of
from llama_runner_pro.gateway.surfaces import (
    anthropic,
    lmstudio_models,
    lmstudio_openai,
    ollama_lists,
    ollama_store,
    ollama_talk,
    openai_lists,
    openai_talk,
    passing,
    responses,
    router_models,
)
from llama_runner_pro.gateway.surfaces.address import Address, addresses
from llama_runner_pro.gateway.surfaces.conversations import Conversations
from llama_runner_pro.gateway.surfaces.desk import Desk, GatewayInfo
from llama_runner_pro.gateway.surfaces.lmstudio_chat import ChatSurface

if TYPE_CHECKING:
    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

    from llama_runner_pro.endpoints.traffic import Surface
    from llama_runner_pro.gateway.journey import Journeys
    from llama_runner_pro.gateway.ports import Access, ModelTable
    from llama_runner_pro.gateway.surfaces.address import Handler

    Table = dict[str, dict[str, Handler]]

__all__ = ["GatewayInfo", "ollama_door", "openai_door"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SPOKEN: Table = {
    "/v1/chat/completions": {"POST": openai_talk.talk},
    "/v1/completions": {"POST": openai_talk.talk},
    "/v1/responses": {"POST": responses.respond},
    "/v1/rerank": {"POST": passing.rerank},
    "/v1/reranking": {"POST": passing.rerank},
    "/v1/audio/transcriptions": {"POST": passing.upload},
    "/v1/audio/translations": {"POST": passing.upload},
    "/v1/audio/speech": {"POST": passing.speech},
}
_ANTHROPIC: Table = {
    "/v1/messages": {"POST": anthropic.messages},
    "/v1/messages/count_tokens": {"POST": anthropic.count_tokens},
}
_OLLAMA: Table = {
    "/": {"GET": ollama_lists.root},
    "/api/version": {"GET": ollama_lists.version},
    "/api/status": {"GET": ollama_lists.status},
    "/api/tags": {"GET": ollama_lists.tags},
    "/api/ps": {"GET": ollama_lists.ps},
    "/api/show": {"POST": ollama_lists.show_model},
    "/api/chat": {"POST": ollama_talk.chat},
    "/api/generate": {"POST": ollama_talk.generate},
    "/api/embed": {"POST": ollama_talk.embed},
    "/api/embeddings": {"POST": ollama_talk.embeddings},
    "/api/pull": {"POST": ollama_store.pull},
    "/api/push": {"POST": ollama_store.push},
    "/api/create": {"POST": ollama_store.create},
    "/api/copy": {"POST": ollama_store.copy},
    "/api/delete": {"DELETE": ollama_store.delete},
    "/api/blobs/{digest}": {
        "HEAD": ollama_store.blob_exists,
        "POST": ollama_store.blob_upload,
    },
}


def openai_door(
    journeys: Journeys, table: ModelTable, access: Access, info: GatewayInfo
) -> ASGIApp:
    """Port 1234: OpenAI, Anthropic, LM Studio, and llama-server's router. Never as Ollama does."""
    desk = Desk(journeys=journeys, table=table, access=access, info=info)
    chats = ChatSurface(Conversations())
    openai: Table = {
        "/": {"GET": openai_lists.root},
        **openai_lists.handlers(openai_lists.item),
        "/models": {
            "GET": router_models.models,
            "POST": router_models.not_here,
            "DELETE": router_models.not_here,
        },
        "/models/load": {"POST": router_models.load},
        "/models/unload": {"POST": router_models.unload},
        **_SPOKEN,
    }
    lmstudio: Table = {
        "/api/v0/models": {"GET": lmstudio_openai.models},
        "/api/v0/models/{model:path}": {"GET": lmstudio_openai.model},
        "/api/v0/chat/completions": {"POST": lmstudio_openai.chat},
        "/api/v0/completions": {"POST": lmstudio_openai.completions},
        "/api/v0/embeddings": {"POST": lmstudio_openai.embeddings},
        "/api/v1/models": {"GET": lmstudio_models.models},
        "/api/v1/models/load": {"POST": lmstudio_models.load},
        "/api/v1/models/unload": {"POST": lmstudio_models.unload},
        "/api/v1/models/download": {"POST": lmstudio_models.download},
        "/api/v1/models/download/status/{job}": {"GET": lmstudio_models.download_status},
        "/api/v1/chat": {"POST": chats.chat},
    }
    routes = [
        *addresses(desk, "openai", openai),
        *addresses(desk, "anthropic", _ANTHROPIC),
        *addresses(desk, "lmstudio", lmstudio),
    ]
    return _application(desk, routes, "openai")


def ollama_door(
    journeys: Journeys, table: ModelTable, access: Access, info: GatewayInfo
) -> ASGIApp:
    """Port 11434: Ollama, and `/v1` as Ollama has it. It never answers as LM Studio does."""
    desk = Desk(journeys=journeys, table=table, access=access, info=info)
    openai: Table = {**openai_lists.handlers(openai_lists.ollama_item), **_SPOKEN}
    routes = [
        *addresses(desk, "ollama", _OLLAMA),
        *addresses(desk, "openai", openai),
        *addresses(desk, "anthropic", _ANTHROPIC),
    ]
    return _application(desk, routes, "ollama")


def _application(desk: Desk, routes: list[Route], door: Surface) -> ASGIApp:
    return _Table(routes, _Nothing(desk, door))


class _Table:
    """Finds addresses without parameters by their path alone; trying all takes longer than most
    of them need to answer. None of Starlette's layers stands before it: each would be woken again
    for every piece of a stream.
    """

    def __init__(self, routes: list[Route], default: ASGIApp) -> None:
        self._others = Router(routes=routes, redirect_slashes=False, default=default)
        self._plain = {route.path: route.app for route in routes if not route.param_convertors}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its address."""
        found = self._plain.get(scope["path"]) if scope["type"] == "http" else None
        await (self._others if found is None else found)(scope, receive, send)


class _Nothing:
    """Answers what no address answers, in the dialect that the path suggests."""

    def __init__(self, desk: Desk, door: Surface) -> None:
        handlers = dict.fromkeys(_METHODS, openai_lists.unknown)
        self._door = door
        self._by_surface: dict[Surface, Address] = {
            surface: Address(desk, surface, handlers)
            for surface in ("openai", "lmstudio", "ollama", "anthropic")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """404."""
        await self._by_surface[surface_of(scope["path"], self._door)](scope, receive, send)
