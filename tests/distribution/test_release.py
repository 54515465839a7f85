"""A release folder: whole, provable, and something that its own installer installs from."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from packing.feed import SUMS
from pipeline.job import JobFailed
from places import ROOT
from provision import headless, wheel
from provision.frozen import BACKEND
from release import bills, licences
from release.assemble import Release
from release.parts import unpackaged_parts

# The first test makes the release, which asks the tools of both languages.
pytestmark = pytest.mark.timeout(1200)
BILLS = {"python": ("xllamacpp", "uvicorn", "CPython", "OpenSSL"), "npm": ("vue", "chart.js")}
# Tools and tests that are installed beside what a release carries.
TOOLS = {"pytest", "mypy", "pyinstaller", "vite", "vitest", "electron-builder"}


def plan(out: Path, *more: Path) -> Release:
    """Everything but the desktop app."""
    return Release(
        version=wheel.version(),
        out=out,
        files=[wheel.wheel(), wheel.source_distribution(), headless.archive(), *more],
        frozen=BACKEND,
        electron=None,
    )


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One made of the real files."""
    out = tmp_path_factory.mktemp("release") / "of Jörg Ł"
    plan(out).make()
    return out


def bill(release: Path, kind: str) -> dict[str, Any]:
    path = release / f"llama-runner-pro-{wheel.version()}-{kind}.cdx.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_the_sums_cover_every_file_and_hold(release: Path) -> None:
    lines = (release / SUMS).read_text("ascii").splitlines()
    sums = {name: total for total, name in (line.split("  ") for line in lines)}
    files = {path.name for path in release.iterdir()} - {SUMS}
    assert set(sums) == files
    for name, total in sums.items():
        assert hashlib.sha256((release / name).read_bytes()).hexdigest() == total


def test_it_names_its_version_and_what_changed(release: Path) -> None:
    version = wheel.version()
    assert (release / "latest.txt").read_text() == f"{version}\n"
    section = (release / f"llama-runner-pro-{version}-CHANGELOG.md").read_text("utf-8").strip()
    assert section
    assert section in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("kind", sorted(BILLS))
def test_the_bills_of_materials_are_valid_and_name_what_is_carried(
    release: Path, kind: str
) -> None:
    found = bill(release, kind)
    validator = JsonStrictValidator(SchemaVersion.from_version(found["specVersion"]))
    assert validator.validate_str(json.dumps(found)) is None
    names = {part["name"] for part in found["components"]}
    assert set(BILLS[kind]) <= names
    assert not TOOLS & {name.lower() for name in names}
    assert not [part["name"] for part in found["components"] if not part.get("licenses")]
    listed = (release / licences.NAME).read_text("utf-8").lower()
    assert not [name for name in names if f"  {name.lower()}" not in listed]


def test_the_versions_of_the_bill_are_those_in_the_frozen_program(release: Path) -> None:
    told = {
        part["name"].lower().replace("-", "_"): part.get("version")
        for part in bill(release, "python")["components"]
    }
    frozen = [path.name for path in (BACKEND / "_internal").glob("*.dist-info")]
    carried = dict(name.removesuffix(".dist-info").lower().rsplit("-", 1) for name in frozen)
    assert carried.pop("llama_runner_pro") == wheel.version()
    assert len(carried) > 3
    assert {name: told.get(name) for name in carried} == carried


def test_bills_made_again_from_the_same_sources_are_the_same(release: Path) -> None:
    again = bills.python_bill(wheel.version(), unpackaged_parts(BACKEND))
    assert again == bill(release, "python")
    assert bills.node_bill(wheel.version()) == bill(release, "npm")


def test_what_is_published_names_no_path_of_this_computer(release: Path) -> None:
    small = (path for path in release.iterdir() if path.stat().st_size < 1_000_000)
    telling = (str(ROOT), f"{Path.home()}/")
    for path in small:
        text = path.read_text("utf-8", "replace")
        assert not [words for words in telling if words in text], path.name


def test_a_missing_file_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match=r"not built: nothing\.deb"):
        plan(tmp_path / "out", tmp_path / "nothing.deb").make()
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(JobFailed, match="something else than a release"):
        plan(tmp_path).make()
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_its_installer_installs_from_the_folder(release: Path, tmp_path: Path) -> None:
    home = tmp_path / "home of Jörg"
    home.mkdir()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "SHELL": "/bin/bash"}
    command = ["bash", str(release / "install.sh"), "--base-url", f"file://{release}", "--headless"]
    command += ["--yes", "--allow-root"]
    installed = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=500, check=False
    )
    assert installed.returncode == 0, installed.stderr
    program = home / ".llama-runner-pro" / "bin" / "llama-runner-pro"
    said = subprocess.run(
        [str(program), "version"], env=env, capture_output=True, text=True, timeout=500, check=True
    )
    assert said.stdout == f"llama-runner-pro {wheel.version()}\n"
