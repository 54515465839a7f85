"""`npm run build:electron`: bundles the desktop window's code into `dist/electron`."""

from __future__ import annotations

import sys

from bootstrap import parts, ready_or_exit
from places import shown
from provision.shell import SHELL, electron_build


def main() -> int:
    """Builds when something changed, and says where it lies."""
    ready_or_exit([*parts(), electron_build()])
    sys.stdout.write(f"{shown(SHELL)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
