"""`npm run chaos`: gets the checkout ready, then does seeded mischief to a real sidecar."""

from __future__ import annotations

import sys

from bootstrap import become, parts, ready_or_exit
from places import venv_program


def main() -> None:
    """Never returns: this process becomes the chaos."""
    ready_or_exit(parts(with_page=False))
    become([venv_program("python"), "-m", "tests.chaos", *sys.argv[1:]])


if __name__ == "__main__":
    main()
