"""Gets a checkout ready to run: installs and builds what is missing or changed, nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from pipeline.job import Ending, Job
from pipeline.runner import Runner, to_do
from places import IS_WINDOWS, VENV, venv_program
from provision.page_parts import node_packages, page
from provision.python_parts import python_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

EXIT_STOPPED = 130
EXIT_NOT_READY = 70


def parts(*, with_dev: bool = False, with_page: bool = True) -> list[Job]:
    """Every part of the installation."""
    built = [page()] if with_page else []
    return [*python_jobs(with_dev=with_dev), node_packages(), *built]


def ready(jobs: Sequence[Job]) -> bool:
    """Does what is left to do of `jobs`; False when something failed (and was explained)."""
    plan = to_do(jobs)
    if not plan:
        return True
    first_time = " The first time takes a minute or two." if len(plan) == len(jobs) else ""
    sys.stdout.write(f"Getting ready; what each step says goes to .build/logs.{first_time}\n")
    sys.stdout.flush()
    outcomes = Runner(plan).run()
    return all(outcome.ending is Ending.DONE for outcome in outcomes.values())


def stop_on_sigterm() -> None:
    """SIGTERM ends us the way Ctrl-C does: what we started is stopped first."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)


def ready_or_exit(jobs: Sequence[Job]) -> None:
    """Like `ready`, but ends the program when the checkout did not get ready."""
    stop_on_sigterm()
    try:
        if not ready(jobs):
            sys.exit(EXIT_NOT_READY)
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped. Run it again to go on; what is done already is kept.\n")
        sys.exit(EXIT_STOPPED)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def become(argv: Sequence[str]) -> None:
    """Turns this process into `argv`, so that signals and exit codes are its own.

    Windows cannot do that: there we wait for it and pass its exit code on.
    """
    sys.stdout.flush()
    if not IS_WINDOWS:
        os.execv(argv[0], list(argv))
    child = subprocess.Popen(argv)
    while True:
        try:
            sys.exit(child.wait())
        except KeyboardInterrupt:
            # The console sent Ctrl-C to the child as well: let it stop in its own time.
            continue


def inside_venv(script: str) -> None:
    """Makes sure that `script` runs with the project's own Python; starts it anew if not."""
    if sys.prefix != str(VENV):
        become([venv_program("python"), script, *sys.argv[1:]])


def main() -> int:
    """Gets everything ready, test tools included, and starts nothing."""
    ready_or_exit(parts(with_dev=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
