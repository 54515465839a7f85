"""llama-server of llama.cpp."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="llamacpp",
    label="llama.cpp server",
    default_port=8080,
    # 503 with "Loading model" until the weights are in memory, then 200.
    health_path="/health",
    # Without the chat template there is one token to read, with some models there are hundreds.
    inference_path="/v1/completions",
    inference_needs_model=False,
    native_metrics=True,
    executables=("llama-server",),
)
