"""Makes a Debian package with dpkg-deb: the same on every computer that has it.

The policy of Debian says what goes where: https://www.debian.org/doc/debian-policy/. Programs
from elsewhere live in /opt, with links in /usr/bin.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packing.archive import EXECUTABLE, source_time_s
from packing.libraries import debian_packages
from pipeline.job import JobFailed
from places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.command import CommandLog

PACKAGE = "llama-runner-pro"
HOME = "opt/LlamaRunnerPro"
PARTS = ROOT / "electron" / "linux"
SCRIPTS = ("postinst", "prerm", "postrm")
MAINTAINER = "The LlamaRunner Pro authors <maintainers@llama-runner-pro.example>"
ARCHITECTURES = {"x64": "amd64", "arm64": "arm64"}
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
# The program's own sandbox helper makes namespaces where people may not: it must be root's.
SETUID = "chrome-sandbox"
# Every system whose C library the sidecar can use reads zstd; it takes a tenth of the time of xz.
COMPRESSION = ("-Zzstd", "-z9")
# A package of a distribution is renewed by that distribution's tools, not by itself.
NOT_PACKED = ("resources/app-update.yml",)
# Where the project is at home; only a release knows.
HOMEPAGE_SETTING = "LLAMA_RUNNER_PRO_HOMEPAGE"
LINKS = {
    # In a terminal, people get the command; the window has a menu entry and a name of its own.
    "usr/bin/llama-runner-pro": f"/{HOME}/resources/backend/llama-runner-pro-backend",
    "usr/bin/llama-runner-pro-desktop": f"/{HOME}/llama-runner-pro",
}
DESCRIPTION = """\
Description: Watches, heals, serves and shows local AI model servers
 LlamaRunner Pro finds the model servers on this computer (llama.cpp, Ollama, LM Studio,
 vLLM and others), shows what they do, starts them again when they fail, and offers all of
 them behind one address. It holds the dashboard in a window, and the command line tool.
"""


@dataclass(frozen=True)
class DebianPackage:
    """One package: the unpacked app it holds, its version and what it is for (x64, arm64)."""

    unpacked: Path
    version: str
    arch: str

    @property
    def filename(self) -> str:
        """The name that Debian's tools expect."""
        return f"{PACKAGE}_{self._debian_version}_{ARCHITECTURES[self.arch]}.deb"

    @property
    def _debian_version(self) -> str:
        # A tilde sorts before the end, so that 1.0.0-beta comes before 1.0.0.
        return self.version.replace("-", "~")

    def make(self, log: CommandLog, work: Path, target: Path) -> None:
        """Writes the package to `target`, using the folder `work`; raises JobFailed."""
        if shutil.which("dpkg-deb") is None:
            raise JobFailed(
                "dpkg-deb is not installed, which makes Debian packages",
                advice="make them on Debian or Ubuntu (sudo apt install dpkg)",
            )
        shutil.rmtree(work, ignore_errors=True)
        root = work / "root"
        self._lay_out(root)
        control = root / "DEBIAN"
        control.mkdir()
        (control / "md5sums").write_text(_md5sums(root), "utf-8")
        (control / "control").write_text(self._control(root), "utf-8")
        for name in SCRIPTS:
            shutil.copy(PARTS / name, control / name)
        _settle(root)
        log.run(
            ["dpkg-deb", "--root-owner-group", *COMPRESSION, "--build", str(root), str(target)],
            {"SOURCE_DATE_EPOCH": str(source_time_s())},
        )
        shutil.rmtree(work)

    def _lay_out(self, root: Path) -> None:
        shutil.copytree(self.unpacked, root / HOME, symlinks=True)
        for name in NOT_PACKED:
            (root / HOME / name).unlink(missing_ok=True)
        _put(PARTS / "apparmor-profile", root / HOME / "resources" / "apparmor-profile")
        _put(PARTS / f"{PACKAGE}.desktop", root / f"usr/share/applications/{PACKAGE}.desktop")
        icons = self.unpacked / "resources" / "icons"
        for size in ICON_SIZES:
            place = f"usr/share/icons/hicolor/{size}x{size}/apps/{PACKAGE}.png"
            _put(icons / f"{size}x{size}.png", root / place)
        _put(ROOT / "electron" / "icons" / "app.svg", root / _scalable_icon())
        documents = root / "usr" / "share" / "doc" / PACKAGE
        documents.mkdir(parents=True)
        (documents / "copyright").write_text(_copyright(), "utf-8")
        changes = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0)
        (documents / "changelog.gz").write_bytes(changes)
        for link, aim in LINKS.items():
            (root / link).parent.mkdir(parents=True, exist_ok=True)
            (root / link).symlink_to(aim)

    def _control(self, root: Path) -> str:
        homepage = os.environ.get(HOMEPAGE_SETTING)
        files = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        size_kib = sum(-(-path.stat().st_size // 1024) for path in files)
        return (
            f"Package: {PACKAGE}\n"
            f"Version: {self._debian_version}\n"
            f"Architecture: {ARCHITECTURES[self.arch]}\n"
            f"Maintainer: {MAINTAINER}\n"
            f"Installed-Size: {size_kib}\n"
            f"Depends: {', '.join(debian_packages(self.unpacked))}\n"
            # Opens links in the person's browser, shows messages of the system.
            "Recommends: libnotify4, xdg-utils\n"
            "Suggests: apparmor\n"
            "Section: utils\n"
            "Priority: optional\n" + (f"Homepage: {homepage}\n" if homepage else "") + DESCRIPTION
        )


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _scalable_icon() -> str:
    return f"usr/share/icons/hicolor/scalable/apps/{PACKAGE}.svg"


def _copyright() -> str:
    licence = (ROOT / "LICENSE").read_text("utf-8")
    return (
        f"LlamaRunner Pro\n\n{licence}\n"
        "The window is Electron, which holds Chromium; their licences lie in\n"
        f"/{HOME}/LICENSE.electron.txt and /{HOME}/LICENSES.chromium.html.\n"
    )


def _md5sums(root: Path) -> str:
    lines = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            # The format of dpkg; it finds damage, and is no protection against an attacker.
            total = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            lines.append(f"{total}  {path.relative_to(root).as_posix()}\n")
    return "".join(lines)


def _settle(root: Path) -> None:
    """The modes that policy asks for, whatever the umask, and one time for everything."""
    when_s = source_time_s()
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & EXECUTABLE or path.name in SCRIPTS
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (when_s, when_s), follow_symlinks=False)
    helper = root / HOME / SETUID
    if helper.is_file():
        helper.chmod(0o4755)
