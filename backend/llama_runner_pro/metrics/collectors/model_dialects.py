"""Which kind of endpoint is asked in which way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.llamacpp import LlamacppWatch
from llama_runner_pro.metrics.collectors.lmstudio import LmstudioWatch
from llama_runner_pro.metrics.collectors.ollama import OllamaWatch
from llama_runner_pro.metrics.collectors.vllm import VllmWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.metrics.collectors.model_watch import ModelWatch

DIALECTS: Mapping[str, type[ModelWatch]] = {
    "embedded": LlamacppWatch,
    "llamacpp": LlamacppWatch,
    "ollama": OllamaWatch,
    "vllm": VllmWatch,
    "lmstudio": LmstudioWatch,
}
"""The other kinds (LocalAI, OpenAI-compatible, custom) have no page of their own for this."""
