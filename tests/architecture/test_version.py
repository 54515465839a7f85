"""The version lives in pyproject.toml; no other place says anything else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.checkout import ROOT, files, package_json, pyproject


def version() -> str:
    """The one version."""
    found: str = pyproject()["project"]["version"]
    return found


def test_package_json_says_the_same_version() -> None:
    assert package_json()["version"] == version()


def test_the_node_lock_says_the_same_version() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert {lock["version"], lock["packages"][""]["version"]} == {version()}


def test_the_changelog_tells_of_the_version_or_of_what_leads_to_it() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    heading = rf"^## \[?({re.escape(version())}\b|Unreleased)"
    assert re.search(heading, text, re.MULTILINE), f"CHANGELOG.md lacks “## {version()}”"


def test_the_program_reports_the_version() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("llama-runner-pro")), "version", "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(run.stdout)["version"] == version()


def test_no_source_file_repeats_the_version() -> None:
    quoted = re.compile(rf"""["']v?{re.escape(version())}["']""")
    sources = (
        name
        for name in files()
        if name.startswith(("backend/", "frontend/src/", "build-scripts/"))
        and name.endswith((".py", ".ts", ".vue", ".mjs"))
    )
    repeated = [name for name in sources if quoted.search((ROOT / name).read_text("utf-8"))]
    assert not repeated, f"ask for the version, do not repeat it: {repeated}"
