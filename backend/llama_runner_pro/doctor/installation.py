"""Checks of what is installed. Pure: each judges values that were measured before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llama_runner_pro.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from pathlib import Path

OLDEST_PYTHON = (3, 11)
INSTALL_ENGINE = "pip install 'llama-runner-pro[engine]'"
INSTALL_OTLP = "pip install 'llama-runner-pro[otlp]'"


def python_version(version: tuple[int, int, int], executable: str) -> Finding:
    """Old Pythons lack what we are written in."""
    words = ".".join(map(str, version))
    if version[:2] < OLDEST_PYTHON:
        needed = ".".join(map(str, OLDEST_PYTHON))
        return fail(
            "python-version",
            f"Python {words} is too old; {needed} or newer is needed",
            executable,
            fix=f"install Python {needed} or newer, and LlamaRunner Pro with it",
        )
    return ok("python-version", f"Python {words}", executable)


def page_built(folder: Path | None) -> Finding:
    """Without the page there is an API, but nothing to look at."""
    if folder is None:
        return warn(
            "page-built",
            "the dashboard page was not built; the API works without it",
            fix="in a checkout run: npm start; otherwise install the package again",
        )
    return ok("page-built", "the dashboard page is there", folder)


def engine_installed(version: str | None, wanted_by: list[str]) -> Finding:
    """`wanted_by` are the endpoints that the embedded engine serves."""
    if version is not None:
        return ok("engine-installed", f"the embedded engine is installed (xllamacpp {version})")
    if wanted_by:
        return fail(
            "engine-installed",
            f"the embedded engine is not installed, but needed by {', '.join(wanted_by)}",
            fix=INSTALL_ENGINE,
        )
    return warn(
        "engine-installed",
        "the embedded engine is not installed; other model servers work without it",
        fix=INSTALL_ENGINE,
    )


def otlp_installed(version: str | None) -> Finding:
    """Asked only where pushing is switched on."""
    if version is None:
        return fail(
            "otlp-installed",
            "otlp is switched on, but OpenTelemetry is not installed: nothing is pushed",
            fix=INSTALL_OTLP,
        )
    return ok("otlp-installed", f"pushing to a collector is installed (OpenTelemetry {version})")


def engine_library(returncode: int | None, output: str, complaint: str) -> Finding:
    """Judges a trial run of `engine --check`; None: it did not end in time."""
    if returncode is None:
        return fail(
            "engine-library",
            "the embedded engine's library did not load in time",
            fix="try again when the machine is less busy; a graphics driver may hang",
        )
    if returncode == 0:
        devices = "; ".join(_devices(output)) or "the processor"
        return ok("engine-library", f"the embedded engine loads and computes on: {devices}")
    if returncode < 0:
        what = f"the embedded engine's library crashed while it was loaded (signal {-returncode})"
        return fail(
            "engine-library",
            what,
            fix="this processor may lack instructions it was built for; "
            "use a llama-server made for this machine",
        )
    return fail(
        "engine-library",
        complaint.strip() or f"the embedded engine ended with {returncode}",
        fix=INSTALL_ENGINE,
    )


def _devices(output: str) -> list[str]:
    try:
        found = json.loads(output)
    except ValueError:
        return []
    return [str(name) for name in found] if isinstance(found, list) else []
