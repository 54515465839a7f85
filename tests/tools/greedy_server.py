"""A program that takes more memory than it is allowed to; ends as Python does then.

python greedy_server.py PORT
"""

from __future__ import annotations

import resource
import sys
import time

STEP_BYTES = 50_000_000


def main() -> None:
    """Take memory until there is none; give up when there is plenty, so that no machine suffers."""
    blocks = []
    # It is set from outside, some time after the start.
    while resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        time.sleep(0.01)
    for _ in range(40):
        blocks.append(bytearray(STEP_BYTES))
        time.sleep(0.01)
    sys.exit(3)


if __name__ == "__main__":
    main()
