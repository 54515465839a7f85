"""The lock files are whole, fresh and free of addresses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.architecture.checkout import ROOT, package_json, pyproject

LOCKS = sorted((ROOT / "build-scripts" / "locks").glob("*.txt"))
DEFAULT_REGISTRY = "https://registry.npmjs.org/"
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def plain(name: str) -> str:
    """A package's name the way package indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> dict[str, str]:
    """Package → version of one Python lock."""
    text = (ROOT / "build-scripts" / "locks" / f"{lock}.txt").read_text("utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)
    return {plain(name): version for name, version in pins}


def asked_for(requirements: list[str]) -> set[str]:
    """The packages that requirement lines name."""
    found = (NAME.match(requirement) for requirement in requirements)
    return {plain(match.group()) for match in found if match}


def node_lock() -> dict[str, Any]:
    """The packages of package-lock.json."""
    text = (ROOT / "package-lock.json").read_text("utf-8")
    packages: dict[str, Any] = json.loads(text)["packages"]
    return packages


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_python_pin_carries_hashes_and_no_address(lock: Any) -> None:
    text = lock.read_text("utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert entries
    without = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not without, f"made with npm run lock? These have no hash: {without}"
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|--trusted-host", text)


def test_the_python_locks_hold_every_package_that_pyproject_asks_for() -> None:
    project = pyproject()["project"]
    groups = pyproject()["dependency-groups"]
    extras = project["optional-dependencies"].values()
    runtime = project["dependencies"] + [entry for extra in extras for entry in extra]
    assert asked_for(runtime) <= set(locked("runtime"))
    for group in ("build", "dev", "freeze", "release", "demo", "servers"):
        assert asked_for(groups[group]) <= set(locked(group)), f"run npm run lock ({group})"


def test_the_python_locks_agree_with_one_another() -> None:
    versions: dict[str, set[str]] = {}
    for lock in ("runtime", "build", "dev", "freeze", "release"):
        for name, version in locked(lock).items():
            versions.setdefault(name, set()).add(version)
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_package_json_pins_exact_versions_and_the_lock_follows() -> None:
    manifest = package_json()
    lock = node_lock()
    for group in ("dependencies", "devDependencies"):
        assert lock[""][group] == manifest[group], "run npm run lock"
        for name, version in manifest[group].items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} must be pinned exactly"
            assert lock[f"node_modules/{name}"]["version"] == version


def test_the_node_lock_holds_hashes_and_only_the_default_registry() -> None:
    packages = {name: entry for name, entry in node_lock().items() if name}
    elsewhere = [
        name
        for name, entry in packages.items()
        if not str(entry.get("resolved", DEFAULT_REGISTRY)).startswith(DEFAULT_REGISTRY)
    ]
    without_hash = [
        name
        for name, entry in packages.items()
        if "integrity" not in entry and not entry.get("inBundle")
    ]
    assert not elsewhere
    assert not without_hash
