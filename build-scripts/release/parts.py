"""What others made and a release carries: packages of both languages and shared libraries."""

from __future__ import annotations

import json
import re
import sqlite3
import ssl
import sys
import sysconfig
import zlib
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from freeze.contents import ENGINE, runtime_packages
from places import ROOT

PAPER = re.compile(r"^(licen[cs]e|copying|notice)", re.IGNORECASE)
_LIBRARY = re.compile(r"^lib[A-Za-z0-9_+-]+?(?=[-.]\d|\.so|\.dylib)")
# Shared libraries that a frozen program brings from the system it was frozen on, by what Pythons
# of different makers need.
LIBRARIES = {
    "libbz2": ("bzip2", "bzip2-1.0.6"),
    "libcrypto": ("OpenSSL", "Apache-2.0"),
    "libcrypt": ("libxcrypt", "LGPL-2.1-or-later"),
    "libexpat": ("Expat", "MIT"),
    "libffi": ("libffi", "MIT"),
    "libgcc_s": ("GCC runtime library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libgomp": ("GCC OpenMP library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "liblzma": ("XZ Utils (liblzma)", "0BSD"),
    "libmpdec": ("mpdecimal", "BSD-2-Clause"),
    "libsqlite3": ("SQLite", "blessing"),
    "libssl": ("OpenSSL", "Apache-2.0"),
    "libstdc++": ("GCC C++ library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libuuid": ("libuuid", "BSD-3-Clause"),
    "libz": ("zlib", "Zlib"),
    "libzstd": ("Zstandard", "BSD-3-Clause"),
}


@dataclass(frozen=True)
class Part:
    """One work of others, its licence and what its licence files say; version "" is unknown."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...] = ()


def python_parts(frozen: Path) -> list[Part]:
    """CPython and the packages of the runtime lock that fit this system and a frozen folder."""
    has_engine = (frozen / "_internal" / ENGINE).is_dir()
    names = [name for name in runtime_packages() if has_engine or name != ENGINE]
    found = [_python_part(distribution(name)) for name in names]
    return [_cpython(), *sorted(found, key=lambda part: part.name.lower())]


def _cpython() -> Part:
    paper = Path(sysconfig.get_paths()["stdlib"]) / "LICENSE.txt"
    texts = (paper.read_text("utf-8", "replace"),) if paper.is_file() else ()
    return Part("CPython", ".".join(map(str, sys.version_info[:3])), "PSF-2.0", texts)


def _python_part(package: Distribution) -> Part:
    papers = [file for file in package.files or () if PAPER.match(file.name)]
    inside = [file for file in papers if ".dist-info" in str(file.parent)]
    texts = tuple(
        Path(str(package.locate_file(file))).read_text("utf-8", "replace") for file in inside
    )
    return Part(package.metadata["Name"], package.version, declared(package), texts)


def declared(package: Distribution) -> str:
    """The licence as the package names it: as an expression, by a classifier, or in a line."""
    stated = package.metadata
    expression = _first_line(stated.get_all("License-Expression"))
    named = [
        line.rpartition(" :: ")[2]
        for line in stated.get_all("Classifier", [])
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    return expression or " AND ".join(named) or _first_line(stated.get_all("License"))


def _first_line(values: list[str] | None) -> str:
    """Some put the whole text into the field."""
    return values[0].strip().partition("\n")[0].strip() if values else ""


def node_names() -> dict[str, str]:
    """Name → folder below node_modules of what the page and the window bundle, by the lock."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    found: dict[str, str] = {}
    waiting = [("", name) for name in lock[""]["dependencies"]]
    while waiting:
        folder = _resolved(lock, *waiting.pop())
        if folder is None or folder in found.values():
            continue
        found[f"{_name(folder)}@{lock[folder]['version']}"] = folder
        wanted = {
            **lock[folder].get("dependencies", {}),
            **lock[folder].get("peerDependencies", {}),
        }
        optional = lock[folder].get("peerDependenciesMeta", {})
        waiting += [(folder, name) for name in wanted if not optional.get(name, {}).get("optional")]
    return found


def _resolved(lock: dict[str, object], folder: str, name: str) -> str | None:
    """Where `name` is found from `folder`, the way Node looks: nearest node_modules first."""
    while True:
        candidate = f"{folder}/node_modules/{name}".lstrip("/")
        if candidate in lock:
            return candidate
        if not folder:
            return None
        folder = folder.rpartition("/node_modules/")[0]


def _name(folder: str) -> str:
    return folder.rpartition("node_modules/")[2]


def node_parts() -> list[Part]:
    """The packages that the page and the window are bundled from."""
    return [_node_part(ROOT / folder) for _, folder in sorted(node_names().items())]


def _node_part(folder: Path) -> Part:
    said = json.loads((folder / "package.json").read_text("utf-8"))
    licence = said.get("license", "")
    named = licence.get("type", "") if isinstance(licence, dict) else licence
    papers = sorted(path for path in folder.iterdir() if path.is_file() and PAPER.match(path.name))
    texts = tuple(path.read_text("utf-8", "replace") for path in papers)
    return Part(said["name"], said["version"], str(named), texts)


def electron_part(folder: Path) -> Part:
    """The Electron that the app was packed with; Chromium's own list lies beside it in there."""
    paper = folder / "LICENSE"
    texts = (paper.read_text("utf-8", "replace"),) if paper.is_file() else ()
    return Part(
        "Electron", (folder / "version").read_text("utf-8").strip().removeprefix("v"), "MIT", texts
    )


def _told_versions() -> dict[str, str]:
    """The versions of those libraries that this Python, which is frozen as well, can name."""
    openssl = re.search(r"\d+(\.\d+)+", ssl.OPENSSL_VERSION)
    return {
        "OpenSSL": openssl.group() if openssl else "",
        "SQLite": sqlite3.sqlite_version,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def unpackaged_parts(frozen: Path) -> list[Part]:
    """What is in a frozen folder and in no package: the interpreter and shared libraries."""
    return [_cpython(), *library_parts(frozen)]


def library_parts(frozen: Path) -> list[Part]:
    """The shared libraries in a frozen folder; one that nobody looked at has no licence."""
    parts: dict[str, Part] = {}
    for path in sorted((frozen / "_internal").glob("lib*")):
        match = _LIBRARY.match(path.name)
        if not path.is_file() or match is None or match.group().startswith("libpython"):
            continue
        name, licence = LIBRARIES.get(match.group(), (path.name, ""))
        parts[name] = Part(name, _told_versions().get(name, ""), licence)
    return list(parts.values())
