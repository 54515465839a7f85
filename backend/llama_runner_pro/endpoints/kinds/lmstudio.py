"""LM Studio's local server."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="lmstudio",
    label="LM Studio",
    default_port=1234,
    health_path="/v1/models",
    # Naming no model would make it load one on demand, so a model is needed to probe.
    inference_path="/v1/chat/completions",
    executables=("lms", "lm studio", "lm-studio"),
)
