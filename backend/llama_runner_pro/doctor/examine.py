"""Measures, then lets the checks judge. Blocking; everything is bounded in time."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from llama_runner_pro.config.load import load_config
from llama_runner_pro.config.model import Config
from llama_runner_pro.config.redact import secrets_of
from llama_runner_pro.core.errors import ConfigError, Problem
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.doctor import configuration, folders, graphics, installation, neighbours
from llama_runner_pro.doctor.folders import Private
from llama_runner_pro.doctor.sidecars import other_sidecars, port_uses, sidecar_of
from llama_runner_pro.supervision.process.command import clean_environment, own_engine, this_runtime
from llama_runner_pro.supervision.process.ports import holder, is_free

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.doctor.finding import Finding

ENGINE_WITHIN_S = 30.0


class Subject(ValueObject, frozen=True):
    """What is examined."""

    paths: DataPaths
    config_file: Path
    """Need not exist."""
    port: int
    """The port a sidecar would use, when none runs."""
    static_dir: Path | None
    host: str = "127.0.0.1"


def examine(subject: Subject) -> Iterator[Finding]:
    """Run every check, in the order in which a start would fail; quick ones first."""
    config, problems = read_config(subject.config_file)
    yield installation.python_version(sys.version_info[:3], sys.executable)
    yield from _folders(subject, config)
    yield folders.clock(time.time(), _newest_file_s(subject.paths))
    exists = subject.config_file.exists()
    yield from configuration.config_valid(
        subject.config_file, problems, len(config.endpoints), exists=exists
    )
    yield from configuration.model_files(config.endpoints)
    yield from _neighbours(subject, config)
    yield graphics.gpu_access(graphics.look())
    yield from _extras(config)
    yield installation.page_built(subject.static_dir)


def read_config(file: Path) -> tuple[Config, list[Problem]]:
    """The configuration, or an empty one with everything that is wrong with it."""
    try:
        return load_config(file if file.exists() else None), []
    except ConfigError as error:
        return Config(), error.problems
    except OSError as error:
        return Config(), [Problem("", f"it cannot be read: {error.strerror or error}")]


def _folders(subject: Subject, config: Config) -> Iterator[Finding]:
    root = subject.paths.root
    problem = write_problem(root)
    yield folders.data_folder_writable(root, problem, exists=root.is_dir())
    # A configuration without secrets may be read by all, as one below /etc is.
    secret_config = subject.config_file if secrets_of(config) else None
    yield from folders.permissions(private_files(subject.paths, secret_config))
    yield folders.disk_space(root, shutil.disk_usage(_nearest(root)).free)


def write_problem(folder: Path) -> str | None:
    """Why nothing can be written to `folder`, or to where it would be made; None when it can."""
    if not folder.exists():
        above = _nearest(folder)
        return None if os.access(above, os.W_OK | os.X_OK) else f"{above} may not be written"
    try:
        with tempfile.NamedTemporaryFile(prefix=".doctor-", dir=folder) as trial:
            trial.write(b"x")
    except OSError as error:
        return error.strerror or str(error)
    return None


def private_files(paths: DataPaths, secret_config: Path | None) -> list[Private]:
    """Those of our files that hold secrets; none where modes mean nothing."""
    if sys.platform == "win32":
        return []
    found = []
    for path, secret in ((paths.token_file, True), (paths.root, False), (secret_config, True)):
        if path is None:
            continue
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        found.append(Private(path, stat.S_IMODE(mode), secret))
    return found


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _newest_file_s(paths: DataPaths) -> float | None:
    times = []
    for file in (paths.monitor_log, paths.recovery_log, paths.processes_file, paths.overrides_file):
        try:
            times.append(file.stat().st_mtime)
        except OSError:
            continue
    return max(times, default=None)


def _neighbours(subject: Subject, config: Config) -> Iterator[Finding]:
    sidecar = sidecar_of(subject.paths)
    port = sidecar.port if sidecar.runs and sidecar.port is not None else subject.port
    host = sidecar.host if sidecar.runs else subject.host
    found = None if is_free(host, port) else asyncio.run(holder(port))
    who = None if is_free(host, port) else (found.text if found else "another program")
    yield neighbours.port_free(host, port, sidecar, who)
    others = other_sidecars(except_pid=sidecar.pid)
    yield from neighbours.other_instances(subject.paths.root, sidecar, others)
    yield from neighbours.endpoint_ports(port_uses(config.endpoints, subject.paths))


def _extras(config: Config) -> Iterator[Finding]:
    installed = _installed("xllamacpp")
    wanted_by = [spec.name for spec in config.endpoints if spec.kind == "embedded"]
    yield installation.engine_installed(installed, wanted_by)
    if installed is not None:
        yield try_engine()
    if config.otlp.enabled:
        yield installation.otlp_installed(_installed("opentelemetry-exporter-otlp-proto-common"))


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def try_engine(within_s: float = ENGINE_WITHIN_S) -> Finding:
    """Load the engine's library in a process of its own, which may crash without harm."""
    runtime = this_runtime()
    try:
        result = subprocess.run(
            [*own_engine(runtime), "--check"],
            env=clean_environment(runtime),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=within_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return installation.engine_library(None, "", "")
    output = result.stdout.decode("utf-8", "replace")
    complaint = result.stderr.decode("utf-8", "replace")
    return installation.engine_library(result.returncode, output, complaint)
