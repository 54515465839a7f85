"""Where our files live."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME_VARIABLE = "LLAMA_RUNNER_PRO_HOME"
_FOLDER_NAME = ".llama-runner-pro"
_PLAIN_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]*")
_DEVICE_NAME = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""Names that Windows reserves, with any extension."""


def data_root(flag: Path | None, environ: Mapping[str, str], home: Path) -> Path:
    """The data folder: the flag, else the environment variable, else a folder in the home."""
    if flag is not None:
        return flag.expanduser().absolute()
    if environ.get(HOME_VARIABLE):
        return Path(environ[HOME_VARIABLE]).expanduser().absolute()
    return home / _FOLDER_NAME


class DataPaths(ValueObject, frozen=True):
    """Every path below the data folder."""

    root: Path

    @property
    def config_file(self) -> Path:
        """The configuration, when none is named on the command line. Need not exist."""
        return self.root / "config.json"

    @property
    def logs_dir(self) -> Path:
        """Holds every log."""
        return self.root / "logs"

    @property
    def run_dir(self) -> Path:
        """Holds what one run leaves for the next."""
        return self.root / "run"

    @property
    def monitor_log(self) -> Path:
        """What happened, for people."""
        return self.logs_dir / "ai_monitor.log"

    @property
    def recovery_log(self) -> Path:
        """Every step of every repair, one JSON object per line."""
        return self.logs_dir / "ai_recovery.log"

    @property
    def processes_file(self) -> Path:
        """The processes that are ours."""
        return self.run_dir / "processes.json"

    @property
    def overrides_file(self) -> Path:
        """What was switched at run time."""
        return self.run_dir / "overrides.json"

    @property
    def token_file(self) -> Path:
        """What one must know to change what gets executed."""
        return self.run_dir / "token"

    @property
    def backups_dir(self) -> Path:
        """The last configuration files that were replaced."""
        return self.root / "backups"

    @property
    def bundles_dir(self) -> Path:
        """What was gathered about each fault while debug mode was on."""
        return self.root / "bundles"

    @property
    def presence_file(self) -> Path:
        """Where the running sidecar can be reached."""
        return self.run_dir / "sidecar.json"

    @property
    def start_file(self) -> Path:
        """How the last sidecar was started, unless a desktop window did it."""
        return self.run_dir / "start.json"

    @property
    def outbox_file(self) -> Path:
        """Alarms that hold, and messages until they have arrived."""
        return self.run_dir / "outbox.json"

    @property
    def history_file(self) -> Path:
        """Measurements of the past year."""
        return self.root / "history.db"

    @property
    def spool_dir(self) -> Path:
        """Large requests to the gateway while they are under way."""
        return self.run_dir / "spool"

    @property
    def learned_file(self) -> Path:
        """How much memory each model was seen to take."""
        return self.run_dir / "learned.json"

    @property
    def models_file(self) -> Path:
        """Which models each server had when it was last asked."""
        return self.run_dir / "models.json"

    @property
    def lock_file(self) -> Path:
        """Held by the running sidecar."""
        return self.run_dir / "lock"

    def endpoint_log(self, name: str) -> Path:
        """The output of one endpoint's process.

        A name that could not be a file's name everywhere is changed, and told apart from all
        others by a hash; also one with capitals, which some file systems do not tell apart.
        """
        return self.logs_dir / "endpoints" / f"{_file_stem(name)}.log"

    def create(self) -> None:
        """Make the folders, readable by their owner only. Raises `OSError`."""
        for folder in (self.root, self.logs_dir, self.logs_dir / "endpoints", self.run_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _file_stem(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and not _DEVICE_NAME.fullmatch(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:60]
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    # The tilde occurs in no plain name, so that the two families cannot meet.
    return f"{plain}~{digest}"
