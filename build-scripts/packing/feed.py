"""What tells installers and installed apps which files belong to a version.

`SHA256SUMS` is what `sha256sum --check` reads; `latest*.yml` is what electron-updater reads
(a generic provider's feed: version, files with url, sha512 in base64 and size).
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from packing.archive import digest_of, source_time_s

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUMS = "SHA256SUMS"


def write_sums(folder: Path) -> Path:
    """Writes the sums of all files that lie directly in the folder; gives the list's path."""
    target = folder / SUMS
    files = sorted(path for path in folder.iterdir() if path.is_file() and path != target)
    lines = [f"{digest_of(path, 'sha256').hex()}  {path.name}\n" for path in files]
    target.write_text("".join(lines), "ascii")
    return target


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
