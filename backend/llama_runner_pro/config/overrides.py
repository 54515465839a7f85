"""What was switched at run time and outlives a restart, kept apart from the user's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.config.files import read_or_set_aside, write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from llama_runner_pro.config.model import Config


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """Only what differs from the configuration."""

    debug_mode: bool | None = None
    enabled: dict[str, bool] = {}
    """Endpoint name → switched on or off."""


class OverridesFile:
    """`run/overrides.json`. One writer; every write is atomic. Blocking file access."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Overrides:
        """What was saved; none when there is no file. A damaged file is set aside and logged."""
        return read_or_set_aside(self._path, Overrides) or Overrides()

    def save(self, overrides: Overrides) -> None:
        """Replace the file, on disk before this returns. Raises `OSError`."""
        write_atomically(self._path, msgspec.json.format(msgspec.json.encode(overrides)))


class Choices:
    """Keeps what was switched, as far as it differs from the configuration that runs.

    What is the same is not kept: there the user's file has the last word.
    """

    def __init__(self, file: OverridesFile, config: Config) -> None:
        self._file = file
        self.config = config

    def remember(self, enabled: Mapping[str, bool], debug_mode: bool) -> None:
        """Save how things are switched now. Blocking; raises `OSError`."""
        configured = {spec.name: spec.enabled for spec in self.config.endpoints}
        differing = {name: on for name, on in enabled.items() if configured.get(name, on) is not on}
        debug = None if debug_mode is self.config.debug_mode else debug_mode
        self._file.save(Overrides(debug_mode=debug, enabled=differing))


def apply_overrides(config: Config, overrides: Overrides) -> Config:
    """The configuration with the switches as they were left; unknown names are passed over."""
    endpoints = tuple(
        msgspec.structs.replace(spec, enabled=overrides.enabled.get(spec.name, spec.enabled))
        for spec in config.endpoints
    )
    debug_mode = config.debug_mode if overrides.debug_mode is None else overrides.debug_mode
    return msgspec.structs.replace(config, endpoints=endpoints, debug_mode=debug_mode)
