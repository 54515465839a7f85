"""Which requests pass through without being translated, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Operation, Surface

_LLAMA = frozenset({"llamacpp", "embedded"})
# Not llama.cpp: its streams lack their first event when an answer begins with half a sign.
_MESSAGES = frozenset({"ollama", "lmstudio"})
# Not llama.cpp: its events lack the places that official clients look for.
_RESPONSES = frozenset({"ollama", "lmstudio", "vllm", "localai"})
_RERANK = _LLAMA | {"vllm", "localai"}


SEASONED: frozenset[Operation] = frozenset(
    {"chat", "completion", "messages", "response", "count_tokens"}
)
"""What a derived model changes in requests: system prompt and settings."""


class Route(NamedTuple):
    """A path that is relayed."""

    surface: Surface
    operation: Operation
    path: str
    kinds: frozenset[str] | None = None
    """Families that speak it natively; None: all. Others are left to the surfaces, or refused."""
    only_native: bool = False
    """No surface stands in for it."""


def _table() -> dict[tuple[bytes, bytes], Route]:
    posts: list[Route] = [
        Route("openai", "chat", "/v1/chat/completions"),
        Route("openai", "completion", "/v1/completions"),
        Route("openai", "embedding", "/v1/embeddings"),
        Route("openai", "response", "/v1/responses", _RESPONSES),
        Route("openai", "rerank", "/v1/rerank", _RERANK),
        Route("openai", "rerank", "/v1/reranking", _RERANK),
        Route("anthropic", "messages", "/v1/messages", _MESSAGES),
        Route("anthropic", "count_tokens", "/v1/messages/count_tokens", _LLAMA),
    ]
    own: tuple[tuple[str, Operation], ...] = (
        ("/completion", "completion"),
        ("/completions", "completion"),
        ("/chat/completions", "chat"),
        ("/infill", "infill"),
        ("/embedding", "embedding"),
        ("/embeddings", "embedding"),
        ("/rerank", "rerank"),
        ("/reranking", "rerank"),
        ("/tokenize", "other"),
        ("/detokenize", "other"),
        ("/apply-template", "other"),
    )
    extras = [Route("openai", operation, path, _LLAMA, True) for path, operation in own]
    gets = [Route("openai", "other", path, _LLAMA, True) for path in ("/props", "/slots")]
    table = {(b"POST", route.path.encode()): route for route in [*posts, *extras]}
    return table | {(b"GET", route.path.encode()): route for route in gets}


ROUTES = _table()
"""Method and path → where it goes. The same on every door."""


def surface_of(path: str, door: Surface) -> Surface:
    """Whose words answer at `path` when nobody has taken the request; `door`: its own ones."""
    if path.startswith("/v1/messages"):
        return "anthropic"
    if path.startswith("/v1/"):
        return "openai"
    return "lmstudio" if door == "openai" and path.startswith("/api/") else door
