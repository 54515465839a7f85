"""`python -m llama_runner_pro`: the same as the `llama-runner-pro` command."""

from __future__ import annotations

import sys

from llama_runner_pro.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
