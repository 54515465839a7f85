"""Builds the desktop window's own code and its icons into dist/electron."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.job import Job
from places import DIST, ROOT, WORKSHOP
from provision.page_parts import packages_digest
from provision.stamps import Stamp, digest, files_under

if TYPE_CHECKING:
    from pipeline.command import CommandLog

SHELL = DIST / "electron"
BUNDLER = ROOT / "electron" / "build.mjs"
ARTIST = ROOT / "build-scripts" / "icons" / "render.mjs"
_SOURCES = (
    *(ROOT / "electron" / name for name in ("src", "pages", "icons")),
    ARTIST.parent,
)
_RESULTS = ("main.cjs", "preload.cjs", "pages/local.html", "icons/icon.png")


def _stamp() -> Stamp:
    return Stamp(WORKSHOP / "stamps" / "electron")


def _wanted() -> str:
    sources = [path for folder in _SOURCES for path in files_under(folder)]
    return digest([BUNDLER, *sources], packages_digest())


def _settled() -> bool:
    return all((SHELL / name).is_file() for name in _RESULTS) and _stamp().says(_wanted())


def _build(log: CommandLog) -> None:
    wanted = _wanted()
    _stamp().forget()
    log.run(("node", str(BUNDLER), str(SHELL)))
    log.run(("node", str(ARTIST), str(SHELL / "icons")))
    _stamp().write(wanted)


def electron_build() -> Job:
    """Bundles the window's code and draws the icons when a source or a tool changed."""
    return Job(
        name="electron_build",
        title="Desktop window",
        run=_build,
        needs=("node",),
        settled=_settled,
    )
