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

from freeze.contents import runtime_packages
from pipeline.job import JobFailed
from places import ROOT

PAPER = re.compile(r"^(licen[cs]e|copying|notice)", re.IGNORECASE)
_LIBRARY = re.compile(r"^lib[A-Za-z0-9_+-]+?(?=[-.]\d|\.so|\.dylib)")
# Shared libraries that a frozen program brings from the system it was frozen on.
LIBRARIES = {
    "libbz2": ("bzip2", "bzip2-1.0.6"),
    "libcrypto": ("OpenSSL", "Apache-2.0"),
    "libffi": ("libffi", "MIT"),
    "libgcc_s": ("GCC runtime library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libgomp": ("GCC OpenMP library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "liblzma": ("XZ Utils (liblzma)", "0BSD"),
    "libsqlite3": ("SQLite", "blessing"),
    "libssl": ("OpenSSL", "Apache-2.0"),
    "libstdc++": ("GCC C++ library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libuuid": ("libuuid", "BSD-3-Clause"),
    "libz": ("zlib", "Zlib"),
}


@dataclass(frozen=True)
class Part:
    """One work of others, its licence and what its licence files say; version "" is unknown."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...] = ()


def python_parts() -> list[Part]:
    """CPython and the packages of the runtime lock that fit this system."""
    found = [_python_part(distribution(name)) for name in runtime_packages()]
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
    return Part(package.metadata["Name"], package.version, _declared(package), texts)


def _declared(package: Distribution) -> str:
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


def library_parts(frozen: Path) -> list[Part]:
    """The shared libraries in a frozen folder. Raises JobFailed for one that nobody looked at."""
    parts: dict[str, Part] = {}
    for path in sorted((frozen / "_internal").glob("lib*")):
        match = _LIBRARY.match(path.name)
        if not path.is_file() or match is None or match.group().startswith("libpython"):
            continue
        known = LIBRARIES.get(match.group())
        if known is None:
            raise JobFailed(
                f"the frozen program carries {path.name}, whose licence nobody has looked at",
                advice="name it in build-scripts/release/parts.py, or keep it out of the program "
                "(build-scripts/freeze/contents.py)",
            )
        parts[known[0]] = Part(known[0], _told_versions().get(known[0], ""), known[1])
    return list(parts.values())
