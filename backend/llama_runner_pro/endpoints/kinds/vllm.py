"""vLLM's OpenAI-compatible server."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="vllm",
    label="vLLM",
    default_port=8000,
    health_path="/health",
    inference_path="/v1/chat/completions",
    executables=("vllm",),
)
