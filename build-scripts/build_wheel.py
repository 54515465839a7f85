"""`npm run build:wheel`: the wheel and the source distribution, into `dist/python`."""

from __future__ import annotations

import sys

from bootstrap import parts, ready_or_exit
from places import shown
from provision.python_parts import release_tools
from provision.wheel import source_distribution, wheel, wheel_build

MEBIBYTE = 1024 * 1024


def main() -> int:
    """Builds the page if need be, then both files."""
    ready_or_exit([*parts(), release_tools(), wheel_build()])
    for made in (wheel(), source_distribution()):
        sys.stdout.write(f"{shown(made)} ({made.stat().st_size / MEBIBYTE:.1f} MiB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
