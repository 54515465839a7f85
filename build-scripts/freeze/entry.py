"""Where the frozen program begins."""

from __future__ import annotations

import multiprocessing

if __name__ == "__main__":
    # First of all: a child of multiprocessing is this same program and must never become a sidecar.
    multiprocessing.freeze_support()

    from llama_runner_pro.core.frozen import forget_loader

    forget_loader()

    import sys

    from llama_runner_pro.cli.main import main

    sys.exit(main())
