"""`npm run build:backend`: freezes the sidecar into `dist/backend`.

`-- --no-engine --out DIR` leaves the embedded engine out and writes elsewhere. `-- --archive` also
packs `dist/headless/llama-runner-pro-headless-….tar.gz`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bootstrap import parts, ready_or_exit
from places import ROOT, shown
from provision.frozen import BACKEND, Freeze, backend_build
from provision.headless import archive, headless_archive
from provision.python_parts import freezing_tools

MEBIBYTE = 1024 * 1024


def size_bytes(folder: Path) -> int:
    """What the files of a folder take, links not followed."""
    found = (path for path in folder.rglob("*") if not path.is_symlink() and path.is_file())
    return sum(path.stat().st_size for path in found)


def main() -> int:
    """Freezes when something changed, and says where it lies and how large it is."""
    parser = argparse.ArgumentParser(prog="npm run build:backend --", description=__doc__)
    parser.add_argument("--no-engine", action="store_true", help="leave the engine out")
    parser.add_argument("--out", type=Path, help="the folder to make instead of dist/backend")
    parser.add_argument("--archive", action="store_true", help="also pack dist/backend")
    arguments = parser.parse_args()
    if arguments.no_engine and arguments.out is None:
        parser.error("--no-engine needs --out: dist/backend is the one with the engine")
    target = (ROOT / arguments.out).resolve() if arguments.out else BACKEND
    freeze = Freeze(target, engine=not arguments.no_engine)
    if arguments.archive and target != BACKEND:
        parser.error("--archive packs dist/backend, so it does not go with --out")
    packed = [headless_archive()] if arguments.archive else []
    ready_or_exit([*parts(), freezing_tools(), backend_build(freeze), *packed])
    size_mb = size_bytes(freeze.target) / MEBIBYTE
    sys.stdout.write(f"{shown(freeze.program)} ({size_mb:.1f} MiB in its folder)\n")
    if arguments.archive:
        sys.stdout.write(f"{shown(archive())} ({archive().stat().st_size / MEBIBYTE:.1f} MiB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
