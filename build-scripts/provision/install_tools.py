"""Brings what the installers are tested with: shells, checkers, wine, and a fresh Debian."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from provision import debian
from provision.test_electron import cache_folder

if TYPE_CHECKING:
    from pipeline.command import CommandLog

# Program -> Debian package that brings it.
PROGRAMS = {
    "bats": "bats",
    "shellcheck": "shellcheck",
    "dash": "dash",
    "busybox": "busybox-static",
    "zsh": "zsh",
    "fish": "fish",
    "minisign": "minisign",
    "curl": "curl",
    "wget": "wget",
    "openssl": "openssl",
    "zip": "zip",
    "unzip": "unzip",
    "wine": "wine wine64",
    "desktop-file-validate": "desktop-file-utils",
    "debootstrap": "debootstrap",
}
PACKAGES = " ".join(PROGRAMS.values()).split()
RELEASE = "bookworm"
# What people have on a new computer, and the few that "curl | bash" itself asks for.
FRESH_PACKAGES = "ca-certificates,curl"


def missing() -> list[str]:
    """The programs that are not here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _get_tools(log: CommandLog) -> None:
    if not debian.can_install():
        raise JobFailed(
            f"the tests of the installers need {', '.join(missing())}",
            advice="Debian: sudo apt install " + " ".join(PACKAGES) + "; without them, run the "
            "rest: npm test -- --list names it",
        )
    debian.install(log, *PACKAGES)
    if missing():
        raise JobFailed(f"the packages brought no {', '.join(missing())}", tail=log.tail())


def install_tools() -> Job:
    """Makes sure that everything is here to test both installers with."""
    return Job(
        "install_tools",
        "Tools to test the installers with",
        _get_tools,
        settled=lambda: not missing(),
        waits=True,
    )


def fresh_root() -> Path:
    """The folder of a Debian that nobody has used yet. Copy it; it is there for all tests."""
    return cache_folder() / f"fresh-{RELEASE}"


def _mirror() -> str:
    """The server that this computer's packages come from."""
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
        check=True,
        capture_output=True,
        text=True,
    )
    sites = asked.stdout.split()
    if not sites:
        raise JobFailed("apt-get knows no server", advice="see /etc/apt/sources.list")
    return sites[0]


def _make_root(log: CommandLog) -> None:
    if not debian.can_install():
        raise JobFailed(
            "a fresh Debian can only be made by root, on Debian's family",
            advice="leave out the step: npm test -- --list names the others",
        )
    target = fresh_root()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="making-") as name:
        root = Path(name) / "root"
        options = ("--variant=minbase", f"--include={FRESH_PACKAGES}")
        log.run(["debootstrap", *options, RELEASE, str(root), _mirror()])
        shutil.rmtree(root / "var" / "cache" / "apt")
        shutil.rmtree(root / "var" / "lib" / "apt" / "lists")
        if target.exists():
            shutil.rmtree(target)
        root.rename(target)


def fresh_debian() -> Job:
    """Makes the fresh Debian, once for all checkouts of this computer (200 MB)."""
    return Job(
        "fresh_debian",
        "A fresh Debian to install on (200 MB)",
        _make_root,
        needs=("install_tools",),
        settled=lambda: (fresh_root() / "etc" / "debian_version").is_file(),
        waits=True,
    )
