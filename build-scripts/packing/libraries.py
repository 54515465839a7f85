"""Which libraries of the system the packed programs need, and which Debian packages bring them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from pipeline.job import JobFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ELF_MAGIC = b"\x7fELF"
NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
GLIBC = re.compile(rb"GLIBC_2\.(\d+)")
# Part of the C library, whichever package of a Debian system that is.
C_LIBRARY = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv))\.so\.\d+")
# Some were renamed when Debian and Ubuntu made their times 64 bits wide (2024): either will do.
PACKAGES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libXcomposite.so.1": "libxcomposite1",
    "libXcursor.so.1": "libxcursor1",
    "libXdamage.so.1": "libxdamage1",
    "libXext.so.6": "libxext6",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXrandr.so.2": "libxrandr2",
    "libXrender.so.1": "libxrender1",
    "libXss.so.1": "libxss1",
    "libXtst.so.6": "libxtst6",
    "libasound.so.2": "libasound2t64 | libasound2",
    "libatk-1.0.so.0": "libatk1.0-0t64 | libatk1.0-0",
    "libatk-bridge-2.0.so.0": "libatk-bridge2.0-0t64 | libatk-bridge2.0-0",
    "libatspi.so.0": "libatspi2.0-0t64 | libatspi2.0-0",
    "libcairo.so.2": "libcairo2",
    "libcups.so.2": "libcups2t64 | libcups2",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdrm.so.2": "libdrm2",
    "libexpat.so.1": "libexpat1",
    "libgbm.so.1": "libgbm1",
    "libgcc_s.so.1": "libgcc-s1",
    "libgdk_pixbuf-2.0.so.0": "libgdk-pixbuf-2.0-0",
    "libgio-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgmodule-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgtk-3.so.0": "libgtk-3-0t64 | libgtk-3-0",
    "libgdk-3.so.0": "libgtk-3-0t64 | libgtk-3-0",
    "libgomp.so.1": "libgomp1",
    "libnspr4.so": "libnspr4",
    "libnss3.so": "libnss3",
    "libnssutil3.so": "libnss3",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangocairo-1.0.so.0": "libpangocairo-1.0-0",
    "libsecret-1.so.0": "libsecret-1-0",
    "libsmime3.so": "libnss3",
    "libstdc++.so.6": "libstdc++6",
    "libudev.so.1": "libudev1",
    "libuuid.so.1": "libuuid1",
    "libxcb-dri3.so.0": "libxcb-dri3-0",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxshmfence.so.1": "libxshmfence1",
    "libz.so.1": "zlib1g",
}


def elf_files(folder: Path) -> Iterator[Path]:
    """Every program and library below a folder, links not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as source:
            if source.read(len(ELF_MAGIC)) == ELF_MAGIC:
                yield path


def needed(files: Iterable[Path]) -> set[str]:
    """Names of the libraries that the files are linked with; raises JobFailed."""
    try:
        said = subprocess.run(
            ["readelf", "--dynamic", "--wide", *map(str, files)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise JobFailed(
            "readelf is not installed, which tells what a package depends on",
            advice="on Debian and Ubuntu: sudo apt install binutils",
        ) from error
    return set(NEEDED.findall(said.stdout))


def glibc_version(files: Iterable[Path]) -> str:
    """The oldest C library that has every function the files ask for, such as "2.36"."""
    minors = (GLIBC.findall(path.read_bytes()) for path in files)
    newest = max((int(minor) for found in minors for minor in found), default=17)
    return f"2.{newest}"


def debian_packages(folder: Path) -> list[str]:
    """The `Depends` of a Debian package that holds `folder`; raises JobFailed.

    What the folder brings itself is left out. A library that is not in the table fails the build:
    a package that installs but does not start is worse than none.
    """
    files = list(elf_files(folder))
    if not files:
        raise JobFailed(f"{folder} holds no program for Linux")
    own = {path.name for path in folder.rglob("*")}
    wanted = {name for name in needed(files) - own if not C_LIBRARY.fullmatch(name)}
    unknown = sorted(wanted - PACKAGES.keys())
    if unknown:
        raise JobFailed(
            f"no Debian package is known for {', '.join(unknown)}",
            advice="add it to PACKAGES in build-scripts/packing/libraries.py "
            "(apt-file search NAME finds the package)",
        )
    return [f"libc6 (>= {glibc_version(files)})", *sorted({PACKAGES[name] for name in wanted})]
