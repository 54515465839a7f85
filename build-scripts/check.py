"""`npm test`: the gate. Installs what it needs, runs everything, hides nothing.

`npm test -- --only lint,pytest` runs some of it; `--list` names what there is.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from bootstrap import EXIT_STOPPED, parts, stop_on_sigterm
from gate.here import is_whole, split
from gate.steps import Step, chosen, groups, steps
from gate.summary import Summary, ci_is_set, elsewhere_lines
from pipeline.runner import Runner, to_do
from provision.chromium import chromium
from provision.container import container_image
from provision.desktop import inspectable_desktop, packed_desktop
from provision.frozen import backend_build
from provision.headless import headless_archive
from provision.install_tools import fresh_debian, install_tools
from provision.packaging_tools import packaging_tools
from provision.prometheus import prometheus
from provision.python_parts import freezing_tools, release_tools
from provision.shell import electron_build
from provision.test_electron import test_electron
from provision.wheel import wheel_build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.job import Job

EXIT_USAGE = 64


def wanted_steps(argv: Sequence[str]) -> list[Step]:
    """The steps that the command line asks for; ends the program when it makes no sense."""
    parser = argparse.ArgumentParser(prog="npm test --", description=__doc__)
    parser.add_argument("--only", default="", help="groups or steps, with commas between")
    parser.add_argument("--list", action="store_true", help="name the groups and steps")
    arguments = parser.parse_args(argv)
    every = steps()
    known = groups(every)
    if arguments.list:
        sys.stdout.write("\n".join(known) + "\n")
        sys.exit(0)
    only = [name for name in arguments.only.split(",") if name]
    unknown = [name for name in only if name not in known]
    if unknown:
        sys.stdout.write(f"There is no {', '.join(unknown)}. There is: {', '.join(known)}\n")
        sys.exit(EXIT_USAGE)
    return chosen(every, only)


def with_needs(jobs: Sequence[Job], available: Sequence[Job]) -> list[Job]:
    """The parts of the installation that `jobs` need, directly or not, then the jobs."""
    by_name = {job.name: job for job in available}
    needed: set[str] = set()
    open_names = [need for job in jobs for need in job.needs]
    while open_names:
        name = open_names.pop()
        if name in by_name and name not in needed:
            needed.add(name)
            open_names.extend(by_name[name].needs)
    return [*(job for job in available if job.name in needed), *jobs]


def main() -> int:
    """Runs the gate; 0 when everything holds, 1 when not, 64 when nothing of it runs here."""
    stop_on_sigterm()
    begun = time.monotonic()
    asked, elsewhere = split(wanted_steps(sys.argv[1:]))
    if not asked:
        sys.stdout.write("\n".join(elsewhere_lines(elsewhere)) + "\n")
        return EXIT_USAGE
    available = [
        # Beside everything else: they wait for packages.
        install_tools(),
        fresh_debian(),
        *parts(with_dev=True),
        freezing_tools(),
        release_tools(),
        backend_build(),
        headless_archive(),
        wheel_build(),
        electron_build(),
        packaging_tools(),
        chromium(),
        prometheus(),
        test_electron(),
        packed_desktop(),
        inspectable_desktop(),
        container_image(),
    ]
    plan = to_do(with_needs([step.job for step in asked], available))
    try:
        outcomes = Runner(plan).run()
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped before the end: nothing is proven.\n")
        return EXIT_STOPPED
    skips_fail = ci_is_set() and is_whole()
    summary = Summary(plan, asked, outcomes, skips_fail=skips_fail, elsewhere=elsewhere)
    sys.stdout.write("\n".join(summary.lines(time.monotonic() - begun)) + "\n")
    return 1 if summary.failures else 0


if __name__ == "__main__":
    sys.exit(main())
