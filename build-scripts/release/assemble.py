"""Gathers a release in one folder that installers can install from."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_installers import assembled
from packing import feed
from pipeline.job import JobFailed
from places import ROOT
from release import bills, licences, notes
from release.parts import electron_part, unpackaged_parts
from third_party import groups

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOTES = "CHANGELOG.md"
INSTALLERS = ("install.sh", "install.bat")


@dataclass(frozen=True)
class Release:
    """What goes in; `files` are copied as they are, and all of them must be there."""

    version: str
    out: Path
    files: Sequence[Path]
    frozen: Path
    # None when there is no desktop app in this release.
    electron: Path | None
    # Where the files will be; empty leaves the installers without an address of their own.
    base_url: str = ""

    def make(self) -> list[Path]:
        """Writes everything, the checksums last; gives what lies there. Raises JobFailed.

        What was in the folder before goes away, so that no file of another version is left in it.
        """
        missing = [path.name for path in self.files if not path.is_file()]
        if missing:
            raise JobFailed(f"these were not built: {', '.join(missing)}")
        # First, since it may refuse.
        text = notes.section((ROOT / NOTES).read_text("utf-8"), self.version)
        parts = groups(self.frozen, self.electron)
        licences.refuse(part for several in parts.values() for part in several)
        self._empty()
        for path in self.files:
            shutil.copy2(path, self.out / path.name)
        (self.out / licences.NAME).write_text(licences.listed(parts), "utf-8")
        (self.out / f"{bills.NAME}-{self.version}-{NOTES}").write_text(f"{text}\n", "utf-8")
        self._write_bills()
        self._write_installers()
        feed.write_feeds(self.out, self.version)
        feed.write_latest(self.out, self.version)
        feed.write_sums(self.out)
        return sorted(self.out.iterdir())

    def _empty(self) -> None:
        holds_release = (self.out / feed.SUMS).is_file()
        if self.out.exists() and any(self.out.iterdir()) and not holds_release:
            raise JobFailed(
                f"{self.out} holds something else than a release",
                advice="name an empty folder with --out, or remove what is there",
            )
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)

    def _write_bills(self) -> None:
        stem = self.out / f"{bills.NAME}-{self.version}"
        electron = [electron_part(self.electron)] if self.electron is not None else []
        python = bills.python_bill(self.version, unpackaged_parts(self.frozen))
        bills.write(stem.with_name(f"{stem.name}-python.cdx.json"), python)
        node = bills.node_bill(self.version, electron)
        bills.write(stem.with_name(f"{stem.name}-npm.cdx.json"), node)

    def _write_installers(self) -> None:
        for name in INSTALLERS:
            try:
                content = assembled(name, self.base_url)
            except ValueError as error:
                raise JobFailed(str(error)) from error
            (self.out / name).write_bytes(content)
            (self.out / name).chmod(0o755)
