"""The workflows on GitHub: valid, with few rights, and of parts that cannot change unseen."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from check import wanted_steps
from gate.here import split
from packing import feed
from places import ROOT, venv_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: ([\w-]+/[\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$")
OWN = re.compile(r"uses: \./\.github/workflows/[\w-]+\.yml$")
UNTRUSTED = re.compile(r"\$\{\{[^}]*\b(github\.event|github\.head_ref|inputs\.|secrets\.)")
PLATFORMS = {
    f"{system}-{arch}" for system in ("linux", "macos", "windows") for arch in ("x64", "arm64")
}
each = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> dict[str, Any]:
    """A workflow. YAML takes the key `on` for a truth."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    found["on"] = found.pop(True)
    return found


def release() -> dict[str, Any]:
    """The workflow that makes releases."""
    return read(ROOT / ".github" / "workflows" / "release.yml")


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in workflow["jobs"].values():
        yield from job.get("steps", [])


def test_there_is_one_for_changes_and_one_for_releases() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@each
def test_actionlint_finds_nothing(path: Path) -> None:
    said = subprocess.run([venv_program("actionlint"), str(path)], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr


def test_actionlint_finds_something_when_there_is_something(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs:\n  one:\n    needs: two\n    runs-on: ubuntu-24.04\n")
    said = subprocess.run([venv_program("actionlint"), str(broken)], capture_output=True)
    assert said.returncode == 1


@each
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in path.read_text("utf-8").splitlines()]
    lines = [line for line in used if line.startswith("uses:")]
    assert lines
    assert not [line for line in lines if not PINNED.match(line) and not OWN.match(line)]


def test_an_action_has_one_commit_everywhere() -> None:
    commits: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for line in path.read_text("utf-8").splitlines():
            if match := PINNED.search(line):
                commits.setdefault(match[1], set()).add(match[2])
    assert all(len(found) == 1 for found in commits.values()), commits


@each
def test_nothing_may_write_unless_it_says_so(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    writing = [name for name, job in workflow["jobs"].items() if "permissions" in job]
    assert writing == (["release"] if path.name == "release.yml" else [])


@each
def test_no_command_is_put_together_from_what_strangers_write(path: Path) -> None:
    commands = [step["run"] for step in steps(read(path)) if "run" in step]
    assert commands
    assert not [command for command in commands if UNTRUSTED.search(command)]


@each
def test_no_checkout_leaves_a_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(read(path)) if "checkout@" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@each
def test_every_job_ends_some_time(path: Path) -> None:
    jobs = read(path)["jobs"]
    assert not [
        name for name, job in jobs.items() if "uses" not in job and "timeout-minutes" not in job
    ]


def test_changes_run_the_whole_gate() -> None:
    gate = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["gate"]
    assert "npm test" in [step.get("run") for step in gate["steps"]]


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_are_asked_for_nothing_that_only_linux_has(system: str) -> None:
    job = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["systems"]
    [command] = [step["run"] for step in job["steps"] if "run" in step]
    only = command.removeprefix("npm test -- ").split()
    here, elsewhere = split(wanted_steps(only), system)
    assert here
    assert set(elsewhere) <= {"Desktop window tests"}
    assert not {need for step in here for need in step.job.needs} & {
        *("install_tools", "packaging_tools", "test_electron", "container_image", "fresh_debian"),
        *("packed_desktop", "inspectable_desktop"),
    }


@each
def test_no_step_outside_of_linux_uses_its_package_manager_or_display(path: Path) -> None:
    for job in read(path)["jobs"].values():
        if "matrix" not in str(job.get("runs-on", "")):
            continue
        for step in job["steps"]:
            only_there = re.search(r"\b(apt-get|xvfb|docker|dpkg|dnf)\b", step.get("run", ""))
            assert not only_there or "runner.os == 'Linux'" in step.get("if", ""), step


def test_a_release_is_packed_on_every_system_and_one_failure_hides_no_other() -> None:
    strategy = release()["jobs"]["pack"]["strategy"]
    assert strategy["fail-fast"] is False
    assert {entry["name"] for entry in strategy["matrix"]["include"]} == PLATFORMS


def test_a_release_is_tested_frozen_tried_packed_and_verified_in_this_order() -> None:
    jobs = release()["jobs"]
    assert jobs["test"]["needs"] == "version"
    assert jobs["pack"]["needs"] == "test"
    assert jobs["release"]["needs"] == "pack"
    names = [step.get("name", step.get("uses", "")) for step in jobs["pack"]["steps"]]
    order = ["Freeze the sidecar", "Try the frozen sidecar", "Pack", "Verify the fuses"]
    places = [names.index(name) for name in order]
    assert places == sorted(places)
    assert "upload-artifact" in names[-1]


def test_only_a_tag_makes_a_release_and_it_is_a_draft_with_attested_files() -> None:
    job = release()["jobs"]["release"]
    assert job["if"] == "${{ github.ref_type == 'tag' }}"
    assert job["environment"] == "release"
    commands = "\n".join(step.get("run", "") for step in job["steps"])
    assert "gh release create" in commands
    assert "--draft" in commands
    attested = next(step for step in job["steps"] if "attest" in step.get("uses", ""))
    assert attested["with"]["subject-checksums"] == f"dist/release/{feed.SUMS}"


@each
def test_every_command_of_ours_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    scripts = yaml.safe_load((ROOT / "package.json").read_text("utf-8"))["scripts"]
    assert set(re.findall(r"npm run ([\w:-]+)", text)) <= scripts.keys()
    tasks = set(re.findall(r"run\.mjs (\w+)", text))
    assert not [task for task in tasks if not (ROOT / "build-scripts" / f"{task}.py").is_file()]
