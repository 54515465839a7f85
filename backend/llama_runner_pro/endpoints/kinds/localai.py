"""LocalAI."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="localai",
    label="LocalAI",
    default_port=8080,
    # 503 while it starts; /healthz only says that the process lives.
    health_path="/readyz",
    inference_path="/v1/chat/completions",
    executables=("local-ai", "localai"),
)
