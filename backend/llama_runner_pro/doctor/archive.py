"""The support archive: what `doctor` found, and what helps to understand it; no secrets."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.config.redact import redacted
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.doctor.examine import read_config
from llama_runner_pro.doctor.sidecars import recorded, sidecar_of
from llama_runner_pro.supervision.diagnostics import processes, surroundings
from llama_runner_pro.supervision.diagnostics.bundle import Member, pack
from llama_runner_pro.supervision.diagnostics.collect import Section, collect
from llama_runner_pro.supervision.diagnostics.redaction import (
    Redactor,
    known_secrets,
    secrets_in,
)
from llama_runner_pro.supervision.diagnostics.service import own_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.doctor.examine import Subject
    from llama_runner_pro.doctor.finding import Finding

COLLECT_WITHIN_S = 10.0
_MOST_LOGS = 30


def support_archive(subject: Subject, findings: Sequence[Finding], version: str) -> bytes:
    """A .tar.gz to be sent to somebody who helps. Blocking, at most some seconds."""
    config, problems = read_config(subject.config_file)
    raw = _raw_document(subject.config_file) if problems else None
    secrets = known_secrets(config, os.environ, subject.paths.token_file) | secrets_in(raw)
    clock = SystemClock()
    sections = [
        *_process_sections(subject.paths),
        *own_sections(subject.paths, version),
        *_endpoint_logs(subject.paths),
    ]
    members = [
        Member("doctor.json", _json(findings)),
        Member("config.json", _config_text(raw) if problems else _json(redacted(config))),
        *asyncio.run(collect(sections, clock, within_s=COLLECT_WITHIN_S)),
    ]
    now_s = clock.wall_ms() / 1000
    return pack(members, Redactor(secrets), folder="llama-runner-pro-support", now_s=now_s)


def _process_sections(paths: DataPaths) -> list[Section]:
    sidecar = sidecar_of(paths)
    roots = [record.identity.pid for record in recorded(paths).values()]
    if sidecar.pid is not None:
        roots.append(sidecar.pid)
    return [
        Section("processes/tree.txt", lambda: processes.tree_text(roots)),
        Section("processes/kernel.txt", lambda: processes.details_text(roots)),
        Section("processes/open.txt", lambda: processes.open_text(roots)),
    ]


def _endpoint_logs(paths: DataPaths) -> list[Section]:
    def tail(path: Path) -> Callable[[], str]:
        return lambda: surroundings.tail_text(path)

    logs = sorted((paths.logs_dir / "endpoints").glob("*.log"))[:_MOST_LOGS]
    return [Section(f"endpoints/{log.name}", tail(log)) for log in logs]


def _raw_document(file: Path) -> object:
    """A configuration that was refused, as plain values; None when it is no JSON."""
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None


def _config_text(raw: object) -> str:
    if raw is None:
        # Without its structure nobody can tell which of its texts are secrets.
        return "The configuration is no JSON, and is left out.\n"
    return json.dumps(raw, indent=2, ensure_ascii=False) + "\n"


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode()
