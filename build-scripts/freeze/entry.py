"""Where the frozen program begins."""

from __future__ import annotations

import multiprocessing

if __name__ == "__main__":
    # First of all: a child of multiprocessing is this same program and must never become a sidecar.
    multiprocessing.freeze_support()

    import sys

    from llama_runner_pro.cli.main import main

    sys.exit(main())
