"""Jobs that install the Node packages and build the page."""

from __future__ import annotations

import json
import platform
import shutil
from functools import cache
from typing import TYPE_CHECKING

from pipeline.job import Job, JobFailed
from places import NODE_MODULES, PAGE, PAGE_BUILT, ROOT, node_tool, npm
from provision.stamps import Stamp, digest, files_under

if TYPE_CHECKING:
    from pipeline.command import CommandLog

STAMPS = NODE_MODULES / ".stamps"
MANIFEST = ROOT / "package.json"
LOCK = ROOT / "package-lock.json"


@cache
def packages_digest() -> str:
    """What the installed packages depend on: what is asked for, the lock, and the machine.

    Another line of `package.json`, such as a new script, is no reason to install anew.
    """
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    asked = [json.dumps(manifest.get(group)) for group in ("dependencies", "devDependencies")]
    return digest([LOCK], *asked, platform.system(), platform.machine())


def page_digest() -> str:
    """What the built page depends on: its sources and its tools."""
    return digest(files_under(PAGE), packages_digest())


def _install_packages(log: CommandLog) -> None:
    program = shutil.which(npm())
    if program is None:
        raise JobFailed(
            "npm is not on the PATH",
            advice="install Node 20.19 or newer with npm (on Debian: sudo apt install npm)",
        )
    stamp = Stamp(STAMPS / "packages")
    stamp.forget()
    # No package of ours needs its install scripts, so none gets to run them.
    log.run([program, "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    stamp.write(packages_digest())


def _build_page(log: CommandLog) -> None:
    stamp = Stamp(STAMPS / "page")
    stamp.forget()
    wanted = page_digest()
    log.run([*node_tool("vite", "bin/vite.js"), "build", "--config", str(PAGE / "vite.config.ts")])
    stamp.write(wanted)


def node_packages() -> Job:
    """Installs exactly what package-lock.json names."""
    return Job(
        name="node",
        title="Node packages",
        run=_install_packages,
        settled=lambda: Stamp(STAMPS / "packages").says(packages_digest()),
        advice="check that this computer is online and that npm reaches its registry, "
        "then run it again.",
    )


def page() -> Job:
    """Builds frontend/dist when a source or a tool changed."""
    return Job(
        name="page",
        title="Dashboard page",
        run=_build_page,
        needs=("node",),
        settled=lambda: PAGE_BUILT.is_file() and Stamp(STAMPS / "page").says(page_digest()),
    )
