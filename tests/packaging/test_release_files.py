"""Feeds, sums and the newest version: what a release folder gets last."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

import assemble_release
from packing import feed

if TYPE_CHECKING:
    from pathlib import Path

VERSION = assemble_release.version()
SYSTEMS = (
    f"llama-runner-pro-{VERSION}-linux-x64.tar.gz",
    f"llama-runner-pro-{VERSION}-linux-x86_64.AppImage",
    f"llama-runner-pro_{VERSION}_amd64.deb",
    f"llama-runner-pro-{VERSION}-linux-arm64.tar.gz",
    f"llama-runner-pro-{VERSION}-linux-arm64.AppImage",
    f"llama-runner-pro-{VERSION}-linux-aarch64.rpm",
    f"llama-runner-pro-{VERSION}-macos-x64.zip",
    f"llama-runner-pro-{VERSION}-macos-arm64.zip",
    f"llama-runner-pro-{VERSION}-macos-arm64.dmg",
    f"llama-runner-pro-{VERSION}-windows-x64-setup.exe",
    f"llama-runner-pro-{VERSION}-windows-arm64-setup.exe",
)
OTHERS = (
    f"llama-runner-pro-headless-{VERSION}-linux-x64.tar.gz",
    f"llama-runner-pro-{VERSION}-windows-x64-portable.exe",
    f"llama_runner_pro-{VERSION}-py3-none-any.whl",
    "llama-runner-pro-0.0.1-linux-x64.tar.gz",
    "install.sh",
)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder with the files of every system."""
    for name in (*SYSTEMS, *OTHERS):
        (tmp_path / name).write_text(f"content of {name}")
    return tmp_path


def offered(folder: Path, name: str) -> list[str]:
    """The files that a feed names."""
    return [entry["url"] for entry in yaml.safe_load((folder / name).read_text())["files"]]


def test_every_system_is_offered_its_own_files_of_this_version(release: Path) -> None:
    assert feed.write_feeds(release, VERSION) == list(feed.FEEDS)
    named = {name: offered(release, name) for name in feed.FEEDS}
    assert sorted(file for files in named.values() for file in files) == sorted(SYSTEMS)
    assert all("macos" in file for file in named["latest-mac.yml"])
    assert all("windows" in file for file in named["latest.yml"])
    assert not [file for file in named["latest-linux.yml"] if "arm64" in file or "aarch" in file]


def test_a_linux_app_replaces_itself_with_the_appimage(release: Path) -> None:
    feed.write_feeds(release, VERSION)
    said = yaml.safe_load((release / "latest-linux.yml").read_text("utf-8"))
    assert said["path"].endswith(".AppImage")
    content = (release / said["path"]).read_bytes()
    assert base64.b64decode(said["sha512"]) == hashlib.sha512(content).digest()


def test_a_version_before_a_release_finds_its_debian_package(tmp_path: Path) -> None:
    (tmp_path / "llama-runner-pro_1.0.0~rc.1_amd64.deb").write_text("package")
    assert feed.write_feeds(tmp_path, "1.0.0-rc.1") == ["latest-linux.yml"]
    assert feed.write_feeds(tmp_path, "1.0.0") == []


def test_a_complete_release_gets_sums_of_everything(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assemble_release.main([str(release), "--tag", f"v{VERSION}"]) == 0
    assert (release / "latest.txt").read_text() == f"{VERSION}\n"
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=release, check=True)
    summed = {line.split("  ")[1] for line in capsys.readouterr().out.splitlines()}
    assert summed == {path.name for path in release.iterdir()} - {"SHA256SUMS"}


def test_the_tag_of_another_version_is_refused(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assemble_release.main([str(release), "--tag", "v99.0.0"]) == 64
    assert "v99.0.0" in capsys.readouterr().err
    assert not (release / "SHA256SUMS").exists()


def test_a_release_without_the_files_of_a_system_is_refused(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in release.glob("*windows*setup*"):
        path.unlink()
    assert assemble_release.main([str(release)]) == 65
    assert "latest.yml" in capsys.readouterr().err
    assert not (release / "SHA256SUMS").exists()
    assert assemble_release.main([str(release), "--partial"]) == 0


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        assemble_release.main([str(tmp_path / "nowhere")])


def test_a_program_that_says_nothing_right_fails_the_smoke_test(tmp_path: Path) -> None:
    program = tmp_path / "llama-runner-pro-backend"
    program.write_text("#!/bin/sh\necho something else\n")
    program.chmod(0o755)
    script = [sys.executable, str(assemble_release.ROOT / "build-scripts" / "smoke_backend.py")]
    said = subprocess.run([*script, str(tmp_path)], capture_output=True, text=True)
    assert said.returncode == 1
    assert "something else" in said.stderr
    assert said.stderr.count("\n") == 1
