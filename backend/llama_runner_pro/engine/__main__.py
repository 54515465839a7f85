"""`python -m llama_runner_pro.engine`: the shortest way in, without the rest of the CLI."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from llama_runner_pro.engine import cli
from llama_runner_pro.engine.exit_codes import EngineExit


class _Parser(argparse.ArgumentParser):
    """An argument parser whose usage errors leave with our documented exit code, not 2."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Leave with `EngineExit.BAD_ARGUMENTS` where argparse would leave with 2."""
        super().exit(EngineExit.BAD_ARGUMENTS if status else 0, message)


def main(argv: list[str] | None = None) -> int:
    """Parse `argv` and serve; returns the exit code of `exit_codes.py`."""
    parser = _Parser(prog="llama-runner-pro engine", description=cli.DESCRIPTION)
    cli.add_arguments(parser)
    return cli.run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
