"""What tells installers and installed apps which files belong to a version.

`SHA256SUMS` is what `sha256sum --check` reads; `latest*.yml` is what electron-updater reads
(a generic provider's feed: version, files with url, sha512 in base64 and size).
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from packing.archive import digest_of, source_time_s

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUMS = "SHA256SUMS"
LATEST = "latest.txt"
# Feed → the files that it offers, by how their names go on after name and version; the first
# that is there is the one that an app replaces itself with.
_DEBIAN = {"x64": "amd64", "arm64": "arm64"}
_PROCESSOR = {"x64": "(x64|x86_64)", "arm64": "(arm64|aarch64)"}
FEEDS = {
    "latest.yml": (r"-windows-(x64|arm64)-setup\.exe",),
    "latest-mac.yml": (r"-macos-(x64|arm64)\.zip", r"-macos-(x64|arm64)\.dmg"),
    **{
        f"latest-linux{suffix}.yml": (
            rf"-linux-{_PROCESSOR[arch]}\.AppImage",
            rf"-linux-{_PROCESSOR[arch]}\.tar\.gz",
            rf"_{_DEBIAN[arch]}\.deb",
            rf"-linux-{_PROCESSOR[arch]}\.rpm",
        )
        for arch, suffix in (("x64", ""), ("arm64", "-arm64"))
    },
}


def write_sums(folder: Path) -> Path:
    """Writes the sums of all files that lie directly in the folder; gives the list's path."""
    target = folder / SUMS
    files = sorted(path for path in folder.iterdir() if path.is_file() and path != target)
    lines = [f"{digest_of(path, 'sha256').hex()}  {path.name}\n" for path in files]
    target.write_text("".join(lines), "ascii")
    return target


def write_latest(folder: Path, version: str) -> None:
    """Writes which version is the newest, for installers."""
    (folder / LATEST).write_text(f"{version}\n", "ascii")


def write_feeds(folder: Path, version: str) -> list[str]:
    """Writes the feed of every system that the folder has files for; gives their names.

    Written from the files as they lie there, a feed cannot disagree with them.
    """
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    written = []
    for feed, endings in FEEDS.items():
        offered = [
            folder / name
            for ending in endings
            for name in names
            # The version of a Debian package has a tilde where others have a hyphen.
            if re.fullmatch(rf"llama-runner-pro[-_]{_version(version)}{ending}", name)
        ]
        if offered:
            write_feed(folder / feed, version, offered)
            written.append(feed)
    return written


def _version(version: str) -> str:
    return re.escape(version).replace(r"\-", "[-~]")


def write_feed(target: Path, version: str, files: Sequence[Path]) -> None:
    """Writes a feed that names the files, the first being the one that is offered.

    JSON's strings and numbers are YAML's too, so no YAML writer is needed.
    """
    if not files:
        raise ValueError("a feed without a file offers nothing")
    when = datetime.fromtimestamp(source_time_s(), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    described = [(path.name, _sha512(path), path.stat().st_size) for path in files]
    lines = [f"version: {json.dumps(version)}", "files:"]
    for name, sha512, size_bytes in described:
        lines += [f"  - url: {json.dumps(name)}", f"    sha512: {json.dumps(sha512)}"]
        lines += [f"    size: {size_bytes}"]
    first_name, first_sha512, _ = described[0]
    lines += [f"path: {json.dumps(first_name)}", f"sha512: {json.dumps(first_sha512)}"]
    lines += [f"releaseDate: {json.dumps(when)}"]
    target.write_text("\n".join(lines) + "\n", "utf-8")


def _sha512(path: Path) -> str:
    return base64.b64encode(digest_of(path, "sha512")).decode("ascii")
