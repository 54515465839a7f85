"""Checks of the configuration and of the files it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.doctor.finding import Finding, fail, ok
from llama_runner_pro.engine.preflight import EngineRefusal, check_complete, check_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.errors import Problem
    from llama_runner_pro.endpoints.spec import EndpointSpec


def config_valid(
    file: Path, problems: Sequence[Problem], endpoints: int, *, exists: bool
) -> list[Finding]:
    """Everything that is wrong with the configuration, one finding each. Pure."""
    if problems:
        return [
            fail(
                "config-valid",
                problem.message,
                f"{file}: {problem.path}" if problem.path else file,
                fix=problem.hint or "correct it in the file",
            )
            for problem in problems
        ]
    if not exists:
        return [ok("config-valid", "there is no configuration yet, so nothing is watched", file)]
    return [ok("config-valid", f"the configuration is sound ({endpoints} endpoints)", file)]


def model_files(endpoints: Sequence[EndpointSpec]) -> list[Finding]:
    """Whether each model file is there, readable, whole, and a GGUF file. Reads headers only."""
    named = [(spec.name, spec.model_path) for spec in endpoints if spec.model_path is not None]
    if not named:
        return [ok("model-files", "no model file is configured")]
    return [_model_file(name, Path(path)) for name, path in named]


def _model_file(name: str, path: Path) -> Finding:
    try:
        check_model(path)
        check_complete(path)
    except EngineRefusal as refusal:
        return fail(
            "model-files",
            refusal.reason,
            name,
            fix="correct the endpoint's model_path, or download the model again",
        )
    return ok("model-files", f"{path.name} is complete", name)
