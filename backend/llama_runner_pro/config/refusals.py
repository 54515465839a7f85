"""Why a change of the configuration was not made. The running configuration is untouched."""

from __future__ import annotations

from dataclasses import dataclass

from llama_runner_pro.core.errors import LlamaRunnerError


@dataclass(repr=False)
class VersionConflict(LlamaRunnerError):
    """The change was based on a configuration that is no longer the present one."""

    present: str

    def __str__(self) -> str:
        """What happened meanwhile."""
        return "the configuration was changed by somebody else since it was read"


@dataclass(repr=False)
class UnknownBackup(LlamaRunnerError):
    """No backup has this id or version."""

    wanted: str
    known: list[str]

    def __str__(self) -> str:
        """Names what was asked for."""
        return f"there is no backup {self.wanted!r}"


@dataclass(repr=False)
class NotSaved(LlamaRunnerError):
    """The file could not be written."""

    path: str
    reason: str

    def __str__(self) -> str:
        """Which file, and why."""
        return f"the configuration could not be saved to {self.path}: {self.reason}"


@dataclass(repr=False)
class ApplyFailed(LlamaRunnerError):
    """A step of applying a change did not succeed."""

    step: str
    reason: str

    def __str__(self) -> str:
        """Which step, and why."""
        return f"{self.step}: {self.reason}"
