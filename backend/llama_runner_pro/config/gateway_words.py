"""What the gateway's settings are called and mean."""

from __future__ import annotations

_OPEN = ("Open", "Off: this port is closed.")
_PORT = ("Port", "The usual one finds clients that need no settings.")

GATEWAY_WORDS: dict[str, tuple[str, str]] = {
    "gateway": ("Gateway", "Serves every model to other programs, like LM Studio and Ollama do."),
    "GatewaySpec.enabled": ("Serve models", "Off: both ports are closed."),
    "host": ("Listen on", "127.0.0.1: this computer only. 0.0.0.0: the whole network; set keys."),
    "openai": ("OpenAI and LM Studio", "The port for OpenAI, Anthropic and LM Studio clients."),
    "ollama": ("Ollama", "The port for Ollama clients."),
    "OpenAiDoorSpec.enabled": _OPEN,
    "OllamaDoorSpec.enabled": _OPEN,
    "OpenAiDoorSpec.port": _PORT,
    "OllamaDoorSpec.port": _PORT,
    "alternative_port": ("Otherwise", "Used while a real server of that family has the port."),
    "watch_holder": (
        "Watch a real server",
        "When a real server of that family has the port, add it to the endpoints.",
    ),
    "auth": (
        "Keys needed",
        "auto: as soon as there are keys, and always when other machines can reach it. none: "
        "whoever reaches the port may use every model.",
    ),
    "keys": ("API keys", "What clients present as Authorization: Bearer or x-api-key."),
    "secret": ("Key", "Always hidden."),
    "requests_per_minute": ("Requests per minute", "More are answered with 429; empty: any."),
    "KeySpec.max_parallel": ("At once", "Requests of this key at the same time; empty: any."),
    "KeySpec.models": ("Models", "Which it may use; all when empty."),
    "priority": ("Priority", "Requests with a higher one go first, -10 to 10."),
    "origins": (
        "Web pages",
        "Pages that may call the gateway, as in http://localhost; without a port: on any. "
        "* lets every page in.",
    ),
    "GatewaySpec.models": (
        "Models",
        "Other names, and how long a model stays. Every endpoint's model is served anyway.",
    ),
    "ServedModelSpec.endpoints": ("Served by", "The preferred first; empty: whoever has it."),
    "upstream_model": ("Name at the server", "When the server knows it by another name."),
    "aliases": ("Also called", "Further names under which clients find it."),
    "ttl_s": ("Unload after", "Time without a request; 0: never, empty: as for all."),
    "pinned": ("Pinned", "Never unloaded to make room for another."),
    "preload": ("Preload", "Loaded when the sidecar starts."),
    "ServedModelSpec.max_parallel": (
        "At once",
        "Requests at the same time per endpoint; empty: the server's own slots.",
    ),
    "context_length": ("Context", "Tokens; told to clients when the server does not tell."),
    "groups": ("Groups", "Endpoints of which only so many run at once."),
    "GroupSpec.endpoints": ("Endpoints", "The members."),
    "max_running": ("Running at once", "Endpoints that we start; empty: as memory allows."),
    "memory_reserve_bytes": ("Keep free", "Memory left alone when models are loaded."),
    "GatewaySpec.max_parallel": (
        "At once",
        "Requests at the same time per endpoint that does not tell its slots.",
    ),
    "queue": ("Queue", "Requests that may wait per model; more are answered as busy."),
    "queue_timeout_s": ("Longest wait", "For a turn; then the request is answered as busy."),
    "load_timeout_s": ("Longest load", "For a model to be ready; then the request fails."),
    "connect_timeout_s": ("Connecting", "Longest time to reach a server."),
    "first_byte_timeout_s": ("First byte", "Longest silence before an answer begins."),
    "stall_timeout_s": ("Silence", "Longest silence in the middle of an answer."),
    "body_limit_bytes": ("Largest request", "Larger ones are refused; pictures make them large."),
    "loading_text": ("Tell of loading", "Streaming clients see the load as thinking text."),
    "capture": ("Keep texts", "What clients and models say, in memory only. Off by default."),
    "CaptureSpec.enabled": ("Keep texts", "Off forgets them at once."),
    "CaptureSpec.max_bytes": ("At most", "The oldest goes first."),
}
