"""The Debian package, looked at with Debian's own tools, and installed and purged."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from packing.deb import PARTS, SCRIPTS, DebianPackage

if TYPE_CHECKING:
    from tests.packaging.conftest import Packed

LINE = re.compile(r"^(\S{10}) (\S+)\s+\d+ \S+ \S+ \./(.*?)(?: -> (.*))?$")
HOME = "opt/LlamaRunnerPro"


def output(*argv: str | Path, **options: str) -> str:
    """What a program says; it must succeed."""
    return subprocess.run(
        list(map(str, argv)), check=True, capture_output=True, text=True, env=os.environ | options
    ).stdout


@pytest.fixture(scope="session")
def deb(packed: Packed) -> Path:
    """The package."""
    return packed.result(".deb")


@pytest.fixture(scope="session")
def listing(deb: Path) -> dict[str, tuple[str, str, str | None]]:
    """Name → mode, owner, aim of a link."""
    lines = [LINE.match(line) for line in output("dpkg-deb", "-c", deb).splitlines()]
    assert all(lines)
    return {line[3]: (line[1], line[2], line[4]) for line in lines if line}


def control(deb: Path, field: str) -> str:
    """One field of the package's description."""
    return output("dpkg-deb", "-f", deb, field).strip()


def test_everything_belongs_to_root(listing: dict[str, tuple[str, str, str | None]]) -> None:
    assert {owner for _, owner, _ in listing.values()} == {"root/root"}


def test_only_the_sandbox_helper_is_setuid(
    listing: dict[str, tuple[str, str, str | None]],
) -> None:
    special = {name: mode for name, (mode, _, _) in listing.items() if set(mode) & set("sStT")}
    assert special == {f"{HOME}/chrome-sandbox": "-rwsr-xr-x"}


def test_nobody_but_root_can_write(listing: dict[str, tuple[str, str, str | None]]) -> None:
    files = {name: mode for name, (mode, _, aim) in listing.items() if aim is None}
    assert set(files.values()) <= {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "-rwsr-xr-x"}


def test_nothing_lies_outside_of_its_own_places(
    listing: dict[str, tuple[str, str, str | None]],
) -> None:
    files = [name for name, (mode, _, _) in listing.items() if not mode.startswith("d")]
    own = (f"{HOME}/", "usr/share/doc/llama-runner-pro/", "usr/share/applications/llama-runner-pro")
    icon = re.compile(r"usr/share/icons/hicolor/\w+/apps/llama-runner-pro\.(png|svg)")
    links = {"usr/bin/llama-runner-pro", "usr/bin/llama-runner-pro-desktop"}
    elsewhere = [name for name in files if not name.startswith(own) and name not in links]
    assert all(icon.fullmatch(name) for name in elsewhere)
    assert len(elsewhere) == 9


def test_the_command_is_the_sidecar_and_the_window_has_a_name_of_its_own(
    listing: dict[str, tuple[str, str, str | None]],
) -> None:
    aims = {name: aim for name, (_, _, aim) in listing.items() if name.startswith("usr/bin/l")}
    assert aims == {
        "usr/bin/llama-runner-pro": f"/{HOME}/resources/backend/llama-runner-pro-backend",
        "usr/bin/llama-runner-pro-desktop": f"/{HOME}/llama-runner-pro",
    }
    for aim in aims.values():
        assert aim is not None
        assert listing[aim.removeprefix("/")][0] == "-rwxr-xr-x"


def test_the_description_says_what_debian_asks_for(deb: Path, packed: Packed) -> None:
    assert control(deb, "Package") == "llama-runner-pro"
    assert control(deb, "Version") == packed.packing.version
    assert control(deb, "Architecture") == "amd64"
    assert re.fullmatch(r"[^<>]+ <[^@<>]+@[^@<>]+>", control(deb, "Maintainer"))
    assert int(control(deb, "Installed-Size")) > 100
    assert control(deb, "Depends").startswith("libc6 (>= 2.")
    first, *rest = control(deb, "Description").splitlines()
    assert len(first) < 80
    assert not first.endswith(".")
    assert rest
    assert all(line.startswith(" ") for line in rest)


def test_a_version_before_a_release_sorts_before_it() -> None:
    before = DebianPackage(Path(), "1.0.0-beta.2", "arm64").filename
    assert before == "llama-runner-pro_1.0.0~beta.2_arm64.deb"
    subprocess.run(["dpkg", "--compare-versions", "1.0.0~beta.2", "lt", "1.0.0"], check=True)


def test_the_sums_of_every_file_are_right(deb: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "-R", deb, tmp_path], check=True)
    sums = tmp_path / "DEBIAN" / "md5sums"
    subprocess.run(["md5sum", "--check", "--strict", "--quiet", sums], cwd=tmp_path, check=True)
    named = {line.split("  ")[1] for line in sums.read_text("utf-8").splitlines()}
    there = {
        path.relative_to(tmp_path).as_posix()
        for path in tmp_path.rglob("*")
        if path.is_file() and not path.is_symlink() and "DEBIAN" not in path.parts
    }
    assert named == there


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_run_in_every_shell(name: str) -> None:
    subprocess.run(["dash", "-n", PARTS / name], check=True)
    subprocess.run(["shellcheck", "--severity=style", "--shell=sh", PARTS / name], check=True)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_refuse_what_they_do_not_know(name: str) -> None:
    ended = subprocess.run(["dash", PARTS / name, "dance"], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "dance" in ended.stderr


def test_the_menu_entry_is_valid(deb: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "-x", deb, tmp_path], check=True)
    entry = tmp_path / "usr" / "share" / "applications" / "llama-runner-pro.desktop"
    said = output("desktop-file-validate", entry)
    assert not said, said
    words = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
    assert words["MimeType"] == "x-scheme-handler/llama-runner-pro;"
    started = words["Exec"].split()[0].removeprefix("/")
    assert os.access(tmp_path / started, os.X_OK)


def dpkg(root: Path, *arguments: str | Path) -> None:
    """Debian's installer, at work in a folder: nothing of this computer changes."""
    output(
        "dpkg",
        f"--root={root}",
        *("--force-not-root", "--force-depends", "--force-script-chrootless", "--no-triggers"),
        *arguments,
    )


def everything(root: Path) -> set[str]:
    """All that lies in a system, but for dpkg's own notes."""
    found = (path.relative_to(root).as_posix() for path in root.rglob("*"))
    return {name for name in found if not name.startswith("var/")}


def test_a_purge_leaves_what_people_made_and_nothing_else(deb: Path, tmp_path: Path) -> None:
    for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "etc/apparmor.d/local"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "var" / "lib" / "dpkg" / "status").touch()
    mine = tmp_path / "home" / "me" / ".llama-runner-pro" / "data" / "config.json"
    mine.parent.mkdir(parents=True)
    mine.write_text("{}")
    before = everything(tmp_path)

    dpkg(tmp_path, "--install", deb)
    assert (tmp_path / HOME / "llama-runner-pro").is_file()
    (tmp_path / "etc" / "apparmor.d" / "llama-runner-pro").write_text("as postinst does\n")
    (tmp_path / "etc" / "apparmor.d" / "local" / "llama-runner-pro").write_text("# mine\n")
    dpkg(tmp_path, "--install", deb)
    dpkg(tmp_path, "--remove", "llama-runner-pro")
    assert not (tmp_path / "etc" / "apparmor.d" / "llama-runner-pro").exists()
    dpkg(tmp_path, "--purge", "llama-runner-pro")
    assert everything(tmp_path) == before
