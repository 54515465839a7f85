from __future__ import annotations

from typing import get_args

from llama_runner_pro.endpoints.spec import Kind
from llama_runner_pro.gateway.routes import ROUTES, surface_of


def test_openai_paths_go_to_every_kind_of_server() -> None:
    for path in (b"/v1/chat/completions", b"/v1/completions", b"/v1/embeddings"):
        route = ROUTES[b"POST", path]
        assert (route.surface, route.kinds) == ("openai", None)


def test_what_not_every_server_speaks_names_those_that_do() -> None:
    known = set(get_args(Kind))
    for route in ROUTES.values():
        assert route.kinds is None or route.kinds <= known
    assert ROUTES[b"POST", b"/v1/messages"].surface == "anthropic"
    assert "vllm" not in (ROUTES[b"POST", b"/v1/messages"].kinds or ())


def test_llama_servers_own_paths_have_no_surface_behind_them() -> None:
    for key in ((b"GET", b"/props"), (b"GET", b"/slots"), (b"POST", b"/tokenize")):
        assert ROUTES[key].only_native
    assert (b"GET", b"/v1/chat/completions") not in ROUTES


def test_an_address_is_answered_in_the_words_of_its_api() -> None:
    for door in ("openai", "ollama"):
        assert surface_of("/v1/models", door) == "openai"
        assert surface_of("/v1/messages/batches", door) == "anthropic"
    assert surface_of("/api/v1/models", "openai") == "lmstudio"
    assert surface_of("/api/tags", "ollama") == "ollama"
    assert (surface_of("/", "openai"), surface_of("/", "ollama")) == ("openai", "ollama")
