"""A server of which we know only what the user says."""

from __future__ import annotations

from llama_runner_pro.endpoints.kind import KindProfile

PROFILE = KindProfile(
    kind="custom",
    label="Custom server",
    default_port=None,
    health_path="/health",
)
