"""The gateway's settings. Defaults serve one user on one computer."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from llama_runner_pro.config.derived import DerivedModelSpec
from llama_runner_pro.endpoints.spec import Name, Port, PositiveSeconds, Seconds

Count = Annotated[int, Meta(ge=1, le=100_000)]
DEFAULT_ORIGINS = (
    "http://localhost",
    "https://localhost",
    "http://127.0.0.1",
    "https://127.0.0.1",
    "http://0.0.0.0",
    "https://0.0.0.0",
    "app://",
    "file://",
    "tauri://",
    "vscode-webview://",
    "vscode-file://",
)
"""On any port; the same ones that Ollama lets in."""


class DoorSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One port of the gateway."""

    enabled: bool = True
    port: Port
    alternative_port: Port
    """Used when somebody else has `port`."""
    watch_holder: bool = True
    """When a real server of that family has `port`, add it to the endpoints."""


class OpenAiDoorSpec(DoorSpec, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where LM Studio listens."""

    port: Port = 1234
    alternative_port: Port = 1235


class OllamaDoorSpec(DoorSpec, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where Ollama listens."""

    port: Port = 11434
    alternative_port: Port = 11435


class KeySpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An API key that clients of the gateway present."""

    name: Name
    secret: Annotated[str, Meta(min_length=8, max_length=500)]
    """Never shown or logged."""
    requests_per_minute: Count | None = None
    max_parallel: Count | None = None
    models: tuple[str, ...] = ()
    """Which models it may use; all when empty."""
    priority: Annotated[int, Meta(ge=-10, le=10)] = 0


class ServedModelSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A name under which clients find a model, and how long it stays. Optional: every endpoint's
    model is served under its own name anyway."""

    name: Name
    endpoints: tuple[str, ...] = ()
    """Who serves it, the preferred first; without any, the endpoints whose model has this name."""
    upstream_model: str | None = None
    """The name the server knows it by, when that is another."""
    aliases: tuple[str, ...] = ()
    ttl_s: Seconds | None = None
    """Unloaded after this time without a request; 0: never. None: the gateway's own."""
    pinned: bool = False
    """Never unloaded to make room."""
    preload: bool = False
    """Loaded when the sidecar starts."""
    max_parallel: Count | None = None
    """Requests at once per endpoint; None: the server's own slots, else the gateway's."""
    context_length: Count | None = None
    """Told to clients when the server does not tell."""


class GroupSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Endpoints of which only so many run at once."""

    name: Name
    endpoints: tuple[str, ...]
    max_running: Count = 1


class CaptureSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Keeping the text of requests, for looking into a problem. Off unless switched on."""

    enabled: bool = False
    max_bytes: Annotated[int, Meta(ge=10_000, le=100_000_000)] = 10_000_000
    """Of all that is kept, in memory only; the oldest goes first."""


class GatewaySpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Both doors, who may come in, and how models are loaded and shared."""

    enabled: bool = True
    host: str = "127.0.0.1"
    openai: OpenAiDoorSpec = OpenAiDoorSpec()
    """OpenAI, Anthropic and LM Studio."""
    ollama: OllamaDoorSpec = OllamaDoorSpec()
    auth: Literal["auto", "keys", "none"] = "auto"
    """`auto`: keys when there are any; required when other machines can reach us. `none`: whoever
    reaches the port may use every model, other machines too."""
    keys: tuple[KeySpec, ...] = ()
    origins: tuple[str, ...] = DEFAULT_ORIGINS
    """Web pages that may call us; without a port: on any port."""
    models: tuple[ServedModelSpec, ...] = ()
    derived: tuple[DerivedModelSpec, ...] = ()
    groups: tuple[GroupSpec, ...] = ()
    max_running: Count | None = None
    """Startable endpoints that run at once; None: as many as memory holds."""
    memory_reserve_bytes: Annotated[int, Meta(ge=0)] = 1_000_000_000
    """Left free when models are loaded beside each other."""
    ttl_s: Seconds = 0.0
    """Default time without requests after which a model is unloaded; 0: never."""
    max_parallel: Count = 8
    """Requests at once per endpoint that does not tell its slots."""
    queue: Count = 512
    """Requests that wait per model; more are answered as busy."""
    queue_timeout_s: PositiveSeconds = 600.0
    load_timeout_s: PositiveSeconds = 600.0
    connect_timeout_s: PositiveSeconds = 5.0
    first_byte_timeout_s: PositiveSeconds = 600.0
    stall_timeout_s: PositiveSeconds = 120.0
    """Silence in the middle of an answer after which it is given up."""
    body_limit_bytes: Annotated[int, Meta(ge=1_000, le=2_000_000_000)] = 200_000_000
    loading_text: bool = False
    """Tell streaming clients that the model loads, as thinking text."""
    capture: CaptureSpec = CaptureSpec()


def is_exposed(host: str) -> bool:
    """Other machines can reach this address. Raises `ValueError` for what is none."""
    return host != "localhost" and not ipaddress.ip_address(host).is_loopback
