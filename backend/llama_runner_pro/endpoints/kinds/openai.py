"""Any other server that speaks the OpenAI API."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="openai",
    label="OpenAI-compatible server",
    default_port=None,
    health_path="/v1/models",
    inference_path="/v1/chat/completions",
)
