"""The desktop app as it is packed here: real sidecar, real window, a real Electron."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from packing.app import Packing
from packing.deb import HOME
from packing.libraries import debian_packages
from places import DIST, ROOT
from provision.desktop import electron_for_tests
from tests.packaging.conftest import asar, fuses

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_ARCHIVE_BYTES = 150_000_000
DESKTOP = DIST / "desktop"


@pytest.fixture(scope="session")
def app() -> Path:
    """The unpacked app."""
    return Packing(electron_for_tests()).unpacked


def test_the_archive_stays_below_150_mb() -> None:
    (archive,) = DESKTOP.glob("*.tar.gz")
    assert archive.stat().st_size <= LARGEST_ARCHIVE_BYTES


def test_a_package_is_known_for_every_library_that_the_app_needs(app: Path) -> None:
    packages = debian_packages(app)
    assert packages[0].startswith("libc6 (>= 2.")
    assert "libnss3" in packages
    assert "libgtk-3-0t64 | libgtk-3-0" in packages


def test_every_library_that_the_package_asks_for_makes_the_app_complete(app: Path) -> None:
    said = subprocess.run(
        ["ldd", str(app / "llama-runner-pro")], check=True, capture_output=True, text=True
    )
    assert "not found" not in said.stdout


def test_the_release_build_cannot_be_attached_to(app: Path) -> None:
    found = fuses(app / "llama-runner-pro")
    assert not found["EnableNodeCliInspectArguments"]
    assert not found["RunAsNode"]
    assert not found["EnableNodeOptionsEnvironmentVariable"]
    assert found["OnlyLoadAppFromAsar"]


def test_the_app_holds_its_bundles_and_pages(app: Path) -> None:
    listed = set(asar("list", app / "resources" / "app.asar").splitlines())
    for name in ("main.cjs", "preload.cjs", "icons/icon.png", "icons/tray-ok.png"):
        assert f"/dist/electron/{name}" in listed
    assert not [name for name in listed if "node_modules" in name]


def test_the_packed_sidecar_starts_and_says_its_version(app: Path) -> None:
    backend = app / "resources" / "backend" / "llama-runner-pro-backend"
    said = subprocess.run([backend, "version"], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == f"llama-runner-pro {Packing(app).version}"


def test_the_command_of_the_package_works_through_its_link(tmp_path: Path) -> None:
    (deb,) = DESKTOP.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", deb, tmp_path], check=True)
    link = tmp_path / "usr" / "bin" / "llama-runner-pro"
    aim = tmp_path / str(link.readlink()).removeprefix("/")
    # The link as it will be once the package lies at the root of a system.
    link.unlink()
    link.symlink_to(aim)
    said = subprocess.run([link, "version"], check=True, capture_output=True, text=True)
    assert said.stdout.startswith("llama-runner-pro ")
    assert (tmp_path / HOME / "llama-runner-pro").is_file()


def test_no_path_of_this_computer_is_packed(app: Path) -> None:
    texts = [path for path in app.rglob("*") if path.suffix in {".json", ".yml", ".txt", ".asar"}]
    naming = [path.name for path in texts if f"{ROOT}/".encode() in path.read_bytes()]
    assert not naming


def test_the_packed_sidecar_passes_the_smoke_test_of_a_release(app: Path) -> None:
    script = [sys.executable, str(ROOT / "build-scripts" / "smoke_backend.py")]
    said = subprocess.run(
        [*script, str(app / "resources" / "backend")], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
