"""The packed app: what is in it, what is not, and what lies beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import tarfile
from typing import TYPE_CHECKING

import yaml

from tests.packaging.conftest import asar, fuses, pack

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.packaging.conftest import Packed


def test_the_fuses_are_as_the_security_table_says(packed: Packed) -> None:
    assert fuses(packed.packing.unpacked / "llama-runner-pro") == {
        "RunAsNode": False,
        "EnableCookieEncryption": True,
        "EnableNodeOptionsEnvironmentVariable": False,
        "EnableNodeCliInspectArguments": False,
        # Electron looks at it on macOS and Windows only.
        "EnableEmbeddedAsarIntegrityValidation": False,
        "OnlyLoadAppFromAsar": True,
        # Left as Electron ships it.
        "LoadBrowserProcessSpecificV8Snapshot": True,
        "GrantFileProtocolExtraPrivileges": False,
    }


def test_the_archive_of_the_app_holds_the_bundles_and_nothing_else(packed: Packed) -> None:
    listed = asar("list", packed.packing.unpacked / "resources" / "app.asar").splitlines()
    outside = [name for name in listed if not name.startswith("/dist")]
    assert outside == ["/package.json"]
    built = {name for name in listed if name.startswith("/dist/")}
    assert {"/dist/electron/main.cjs", "/dist/electron/preload.cjs"} <= built
    assert "/dist/electron/pages/problem.html" in built
    assert "/dist/electron/icons/icon.png" in built
    assert all(name.startswith("/dist/electron") for name in built)
    assert not [name for name in built if name.endswith((".map", ".icns")) or "sizes" in name]


def test_the_app_knows_its_name_and_no_package(packed: Packed, tmp_path: Path) -> None:
    asar("extract", packed.packing.unpacked / "resources" / "app.asar", tmp_path)
    manifest = json.loads((tmp_path / "package.json").read_text("utf-8"))
    assert manifest["name"] == "llama-runner-pro"
    assert manifest["version"] == packed.packing.version
    assert manifest["main"] == "dist/electron/main.cjs"
    # Wayland finds the window's icon by the name of the menu entry.
    assert manifest["desktopName"] == "llama-runner-pro.desktop"
    assert not manifest.keys() & {"dependencies", "devDependencies", "scripts"}


def test_the_sidecar_is_packed_with_modes_and_links(packed: Packed) -> None:
    backend = packed.packing.unpacked / "resources" / "backend"
    assert os.access(backend / "llama-runner-pro-backend", os.X_OK)
    link = backend / "_internal" / "libreal.so.1"
    assert link.is_symlink()
    assert link.resolve() == (backend / "_internal" / "libreal.so.1.2").resolve()


def test_icons_lie_where_installers_look(packed: Packed) -> None:
    icons = packed.packing.unpacked / "resources" / "icons"
    sizes = {path.name for path in icons.iterdir()}
    assert {f"{size}x{size}.png" for size in (16, 32, 48, 64, 128, 256, 512)} <= sizes


def test_what_an_electron_of_somebody_holds_besides_is_left_out(packed: Packed) -> None:
    unpacked = packed.packing.unpacked
    assert not list(unpacked.glob(".*"))
    assert not (unpacked / "resources" / "default_app.asar").exists()
    assert [path.name for path in (unpacked / "locales").iterdir()] == ["en-US.pak"]


def test_licences_come_along(packed: Packed) -> None:
    unpacked = packed.packing.unpacked
    assert (unpacked / "LICENSE.electron.txt").is_file()
    assert (unpacked / "LICENSES.chromium.html").is_file()
    assert "MIT" in (unpacked / "resources" / "LICENSE.llama-runner-pro.txt").read_text("utf-8")


def test_the_archive_has_one_folder_and_belongs_to_nobody(packed: Packed) -> None:
    with tarfile.open(packed.result(".tar.gz")) as archive:
        members = archive.getmembers()
    top = packed.packing.stem()
    assert top == f"llama-runner-pro-{packed.packing.version}-linux-x64"
    assert {member.name.split("/")[0] for member in members} == {top}
    assert {(member.uid, member.gid, member.uname) for member in members} == {(0, 0, "root")}
    names = {member.name: member for member in members}
    assert names[f"{top}/llama-runner-pro"].mode == 0o755
    assert names[f"{top}/resources/backend/_internal/libreal.so.1"].linkname == "libreal.so.1.2"


def test_sums_and_feed_say_what_is_there(packed: Packed) -> None:
    out = packed.packing.out
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=out, check=True)
    listed = {line.split("  ")[1] for line in (out / "SHA256SUMS").read_text().splitlines()}
    assert listed == {path.name for path in out.iterdir() if path.is_file()} - {"SHA256SUMS"}
    feed = yaml.safe_load((out / "latest-linux.yml").read_text("utf-8"))
    assert feed["version"] == packed.packing.version
    assert {entry["url"] for entry in feed["files"]} == {
        packed.result(".tar.gz").name,
        packed.result(".deb").name,
    }
    for entry in feed["files"]:
        content = (out / entry["url"]).read_bytes()
        assert entry["size"] == len(content)
        assert base64.b64decode(entry["sha512"]) == hashlib.sha512(content).digest()


def test_packing_again_makes_the_same_files(packed: Packed, tmp_path: Path) -> None:
    again = pack(tmp_path)
    sums = (packed.packing.out / "SHA256SUMS").read_text("ascii")
    assert (again.packing.out / "SHA256SUMS").read_text("ascii") == sums


def test_a_build_for_tests_can_be_attached_to_and_is_no_release(tmp_path: Path) -> None:
    made = pack(tmp_path, inspectable=True)
    assert made.packing.out.name == "desktop-inspectable"
    assert fuses(made.packing.unpacked / "llama-runner-pro")["EnableNodeCliInspectArguments"]
    assert [path.name for path in made.packing.out.iterdir()] == ["linux-unpacked"]


def test_only_packages_that_renew_themselves_know_where_updates_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMA_RUNNER_PRO_UPDATE_URL", "https://example.org/updates")
    monkeypatch.setenv("LLAMA_RUNNER_PRO_HOMEPAGE", "https://example.org/project")
    made = pack(tmp_path)
    settings = made.packing.unpacked / "resources" / "app-update.yml"
    said = yaml.safe_load(settings.read_text("utf-8"))
    assert (said["provider"], said["url"]) == ("generic", "https://example.org/updates")
    with tarfile.open(made.result(".tar.gz")) as archive:
        assert not [name for name in archive.getnames() if name.endswith("app-update.yml")]
    deb = made.result(".deb")
    listed = subprocess.run(["dpkg-deb", "-c", deb], check=True, capture_output=True, text=True)
    assert "app-update.yml" not in listed.stdout
    field = subprocess.run(
        ["dpkg-deb", "-f", deb, "Homepage"], check=True, capture_output=True, text=True
    )
    assert field.stdout.strip() == "https://example.org/project"


def test_without_a_place_for_updates_there_are_none(packed: Packed) -> None:
    assert not (packed.packing.unpacked / "resources" / "app-update.yml").exists()
