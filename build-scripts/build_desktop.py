"""`npm run build-desktop`: builds the desktop app and packs it into `dist/desktop`.

Electron comes from its own npm package's source. `-- --electron-dist DIR` packs one that lies
here; `-- --test-electron` packs the old one that the tests use, from a Python package.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bootstrap import parts, ready_or_exit
from packing.app import Packing, electron_version, this_arch
from pipeline.job import JobFailed
from places import shown
from provision import shipped_electron
from provision.desktop import electron_for_tests, inspectable_desktop, packed_desktop
from provision.frozen import backend_build
from provision.page_parts import node_packages
from provision.python_parts import freezing_tools
from provision.shell import electron_build
from provision.test_electron import test_electron

MEBIBYTE = 1024 * 1024
EXIT_USAGE = 64
EXIT_UNAVAILABLE = 69


def arguments() -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(prog="npm run build-desktop --", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--electron-dist", type=Path, metavar="DIR", help="an unpacked Electron")
    which.add_argument("--test-electron", action="store_true", help="the one the tests use")
    which.add_argument(
        "--inspectable",
        action="store_true",
        help="a build for tests: that Electron, Node's inspector on, into dist/desktop-inspectable",
    )
    parser.add_argument(
        "--installers",
        action="store_true",
        help="also what electron-builder makes for this system; it fetches tools for that",
    )
    return parser.parse_args()


class NoElectron(Exception):
    """There is no Electron to pack: one line says why, and the code is the program's."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def chosen_electron(wanted: argparse.Namespace) -> Path:
    """The folder with the Electron that the command line asks for; raises NoElectron."""
    if wanted.test_electron or wanted.inspectable:
        return electron_for_tests()
    if wanted.electron_dist is not None:
        folder: Path = wanted.electron_dist.expanduser().resolve()
        try:
            electron_version(folder)
        except JobFailed as failure:
            raise NoElectron(f"{failure.reason}; {failure.advice}.", EXIT_USAGE) from failure
        return folder
    fetched = shipped_electron.fetch(this_arch())
    if fetched is None:
        raise NoElectron(
            f"Electron {shipped_electron.version()} cannot be downloaded here; unpack one "
            "yourself and name its folder: npm run build-desktop -- --electron-dist DIR",
            EXIT_UNAVAILABLE,
        )
    return fetched


def size_line(path: Path) -> str:
    """A result and its size."""
    return f"{shown(path)} ({path.stat().st_size / MEBIBYTE:.1f} MiB)"


def report(packing: Packing) -> None:
    """Says what was made."""
    results = [path for path in sorted(packing.out.iterdir()) if path.is_file()]
    sizes = [size_line(path) for path in results]
    sys.stdout.write("\n".join([shown(packing.unpacked), *sizes]) + "\n")


def main() -> int:
    """Builds the parts that changed, packs them and says what came out, with sizes."""
    wanted = arguments()
    brought = [test_electron()] if wanted.test_electron or wanted.inspectable else []
    # Electron first, so that nobody waits for a build that cannot be packed.
    ready_or_exit([*parts(with_page=False), *brought] if brought else [node_packages()])
    try:
        electron = chosen_electron(wanted)
    except NoElectron as refusal:
        sys.stderr.write(f"{refusal}\n")
        return refusal.code
    packing = Packing(electron, inspectable=wanted.inspectable, installers=wanted.installers)
    pack = inspectable_desktop() if wanted.inspectable else packed_desktop(packing)
    ready_or_exit([*parts(), freezing_tools(), backend_build(), electron_build(), *brought, pack])
    report(packing)
    return 0


if __name__ == "__main__":
    sys.exit(main())
