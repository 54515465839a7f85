"""Ollama."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="ollama",
    label="Ollama",
    default_port=11434,
    # Answers without loading or touching a model.
    health_path="/api/version",
    inference_path="/api/generate",
    inference_dialect="ollama",
    executables=("ollama",),
)
