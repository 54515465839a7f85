"""The llama.cpp engine that comes with LlamaRunner Pro, run as a child process."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="embedded",
    label="Embedded llama.cpp",
    default_port=8586,
    health_path="/health",
    # Without the chat template there is one token to read, with some models there are hundreds.
    inference_path="/v1/completions",
    inference_needs_model=False,
    native_metrics=True,
    # Wrong arguments, not a model file, no model file, not installed: see the engine's own list.
    final_exit_codes=frozenset({64, 65, 66, 78}),
    memory_exit_codes=frozenset({71}),
    complaint_prefix="llama-runner-pro engine: ",
)
