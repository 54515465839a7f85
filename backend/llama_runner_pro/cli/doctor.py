"""`llama-runner-pro doctor`: what is wrong around here, and what mends it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import paint, safe, say, say_error, say_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from llama_runner_pro.doctor.examine import Subject
    from llama_runner_pro.doctor.finding import Finding

LOOKS: dict[str, tuple[str, str]] = {
    "ok": ("✔", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✖", "red"),
}
"""Level → icon and colour."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `doctor`."""
    parser.add_argument("--json", action="store_true", help="print data as JSON")
    parser.add_argument(
        "--bundle", type=Path, metavar="FILE", help="also write a support archive, without secrets"
    )
    parser.add_argument("--data-dir", type=Path, help="data folder of the sidecar")
    parser.add_argument("--config", type=Path, help="configuration file to check")
    parser.add_argument("--port", type=int, default=8585, help="port that the sidecar would use")


def run(arguments: argparse.Namespace) -> int:
    """Check everything; exit code 1 when a check failed. Changes nothing but the archive."""
    from llama_runner_pro.cli.dashboard_files import built_dashboard
    from llama_runner_pro.config.paths import DataPaths, data_root
    from llama_runner_pro.doctor.examine import Subject, examine
    from llama_runner_pro.doctor.finding import healthy

    if not 1 <= arguments.port <= 65_535:
        say_error(f"--port: {arguments.port} is not between 1 and 65535")
        return Exit.USAGE
    paths = DataPaths(data_root(arguments.data_dir, os.environ, Path.home()))
    config_file: Path = arguments.config or paths.config_file
    if arguments.config is not None and not config_file.exists():
        say_error(f"--config: there is no file at {config_file}")
        return Exit.NO_INPUT
    subject = Subject(paths, config_file, arguments.port, built_dashboard())
    findings = _shown(examine(subject), as_json=arguments.json)
    code = Exit.OK if healthy(findings) else Exit.UNHEALTHY
    if arguments.bundle is not None:
        return _write(arguments.bundle, subject, findings, code, quiet=arguments.json)
    return code


def _shown(checks: Iterable[Finding], *, as_json: bool) -> list[Finding]:
    """Each finding as it is made: some checks take seconds."""
    findings = []
    for finding in checks:
        findings.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        import msgspec

        say_json({"findings": msgspec.to_builtins(findings)})
    else:
        say("")
        say(summary(findings))
    return findings


def _print(finding: Finding) -> None:
    icon, colour = LOOKS[finding.level]
    say(paint(f"{icon} {finding.id}: {safe(finding.what)}", colour))
    if finding.where and finding.level != "ok":
        say(f"    where: {safe(finding.where)}")
    if finding.fix:
        say(f"    to do: {safe(finding.fix)}")


def summary(findings: Iterable[Finding]) -> str:
    """One line at the end."""
    levels = [finding.level for finding in findings]
    failed, warned = levels.count("fail"), levels.count("warn")
    if not failed and not warned:
        return "All is well."
    parts = [f"{failed} failed"] if failed else []
    parts += [f"{warned} to look at"] if warned else []
    return f"{len(levels)} checks: {', '.join(parts)}"


def _write(
    target: Path, subject: Subject, findings: list[Finding], code: Exit, *, quiet: bool
) -> Exit:
    """Write the archive to a new file that only its owner can read."""
    from importlib.metadata import version

    from llama_runner_pro.doctor.archive import support_archive

    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        say_error(f"--bundle: {target} exists already; choose another name")
        return Exit.CANNOT_CREATE
    except OSError as error:
        say_error(f"--bundle: {target}: {error.strerror or error}")
        return Exit.CANNOT_CREATE
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(support_archive(subject, findings, version("llama-runner-pro")))
    except OSError as error:
        with contextlib.suppress(OSError):
            target.unlink()
        say_error(f"--bundle: {target}: {error.strerror or error}")
        return Exit.CANNOT_CREATE
    if not quiet:
        say(f"Support archive: {target} (look into it before you send it to anybody)")
    return code
