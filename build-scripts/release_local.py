"""`npm run release:local`: everything that this computer can make for a release, in dist/release.

Wheel, source distribution, the sidecar alone, the desktop app as archive and package, checksums,
bills of materials, licences, and the installers, which install from that folder:
`sh dist/release/install.sh --base-url file://…/dist/release`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bootstrap import inside_venv, parts, ready_or_exit
from packing.app import Packing, electron_version, this_arch
from packing.feed import SUMS
from pipeline.job import JobFailed
from places import DIST, ROOT, shown
from provision import headless, shipped_electron, test_electron, wheel
from provision.desktop import electron_for_tests, packed_desktop
from provision.frozen import BACKEND, backend_build
from provision.python_parts import freezing_tools, release_tools
from provision.shell import electron_build

if TYPE_CHECKING:
    from collections.abc import Sequence

MEBIBYTE = 1024 * 1024
EXIT_FAILED = 70
TESTS_ELECTRON = (
    "Electron {wanted} cannot be downloaded here, so the desktop app is packed with {found}, "
    "the one of the tests: good for trying, not for publishing. "
    "Name another with --electron-dist DIR.\n"
)


def arguments() -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(prog="npm run release:local --", description=__doc__)
    parser.add_argument("--electron-dist", type=Path, metavar="DIR", help="an unpacked Electron")
    parser.add_argument("--without-desktop", action="store_true", help="leave the desktop app out")
    parser.add_argument("--out", type=Path, default=DIST / "release", help="the folder to fill")
    parser.add_argument("--base-url", default="", help="where the files will be, for installers")
    return parser.parse_args()


def chosen_electron(named: Path | None) -> Path:
    """The Electron named, else that of releases, else that of the tests. Raises JobFailed."""
    if named is not None:
        folder = named.expanduser().resolve()
        electron_version(folder)
        return folder
    fetched = shipped_electron.fetch(this_arch())
    if fetched is not None:
        return fetched
    ready_or_exit([*parts(), test_electron.test_electron()])
    found = electron_for_tests()
    wanted = shipped_electron.version()
    sys.stdout.write(TESTS_ELECTRON.format(wanted=wanted, found=electron_version(found)))
    return found


def files_of(packing: Packing | None) -> Sequence[Path]:
    """What was built and is published as it is."""
    found = [wheel.wheel(), wheel.source_distribution(), headless.archive()]
    if packing is None:
        return found
    made = sorted(path for path in packing.out.iterdir() if path.is_file())
    # Sums and feeds are of the folder they lie in, and written anew for that of the release.
    return [*found, *(path for path in made if path.name != SUMS and path.suffix != ".yml")]


def main() -> int:
    """Builds what changed, then gathers it; says what lies there."""
    wanted = arguments()
    ready_or_exit([*parts(), freezing_tools(), release_tools()])
    inside_venv(__file__)
    from release.assemble import Release

    try:
        packing = None if wanted.without_desktop else Packing(chosen_electron(wanted.electron_dist))
        pack = [] if packing is None else [electron_build(), packed_desktop(packing)]
        tools = [*parts(), freezing_tools(), release_tools()]
        built = [backend_build(), headless.headless_archive(), wheel.wheel_build()]
        ready_or_exit([*tools, *built, *pack])
        release = Release(
            version=wheel.version(),
            out=(ROOT / wanted.out).resolve(),
            files=files_of(packing),
            frozen=BACKEND,
            electron=packing.electron if packing else None,
            base_url=wanted.base_url,
        )
        made = release.make()
    except JobFailed as failure:
        advice = f" What to do: {failure.advice}." if failure.advice else ""
        sys.stderr.write(f"{failure.tail}\n" if failure.tail else "")
        sys.stderr.write(f"No release: {failure.reason}.{advice}\n")
        return EXIT_FAILED
    for path in made:
        sys.stdout.write(f"{shown(path)} ({path.stat().st_size / MEBIBYTE:.2f} MiB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
