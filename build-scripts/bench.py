"""`npm run bench`: gets the checkout ready, then measures; asserts nothing."""

from __future__ import annotations

import sys

from bootstrap import become, parts, ready_or_exit
from places import venv_program


def main() -> None:
    """Never returns: this process becomes the bench."""
    ready_or_exit(parts())
    become([venv_program("python"), "-m", "tests.bench", *sys.argv[1:]])


if __name__ == "__main__":
    main()
