"""Checks of ports and of other sidecars. Pure judgements of measured values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Sequence


class Sidecar(ValueObject, frozen=True):
    """The sidecar of the data folder, as far as it can be seen from outside."""

    runs: bool
    pid: int | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    answers: bool = False


class PortUse(ValueObject, frozen=True):
    """The port of one endpoint that we would start."""

    endpoint: str
    port: int
    holder: str | None
    """Who listens there, in words; None when nobody does."""
    ours: bool
    """The listener is the process that we recorded for this endpoint, or what it started."""


def port_free(host: str, port: int, sidecar: Sidecar, holder: str | None) -> Finding:
    """Whether the sidecar's own port is free, or held by the sidecar itself."""
    where = f"{host}:{port}"
    if sidecar.runs and sidecar.port == port and sidecar.answers:
        return ok("port-free", "the sidecar listens on its port", where)
    if holder is None:
        return ok("port-free", f"port {port} is free", where)
    other = port + 1 if port < 65_535 else 8585
    return fail(
        "port-free",
        f"port {port} is held by {holder}",
        where,
        fix=f"stop that program, or use: llama-runner-pro serve --port {other}",
    )


def other_instances(folder: object, sidecar: Sidecar, others: Sequence[int]) -> list[Finding]:
    """The sidecar of this data folder, and those of other folders, which may watch the same."""
    findings = [_own(folder, sidecar)]
    if others:
        pids = ", ".join(map(str, others))
        findings.append(
            warn(
                "other-instances",
                f"other sidecars run on other data folders (pid {pids})",
                fix="make sure that no two of them watch the same model server",
            )
        )
    return findings


def _own(folder: object, sidecar: Sidecar) -> Finding:
    if not sidecar.runs:
        return ok("other-instances", "no sidecar runs on this data folder", folder)
    who = "a sidecar" if sidecar.pid is None else f"the sidecar (pid {sidecar.pid})"
    if sidecar.answers:
        return ok("other-instances", f"{who} runs and answers", folder)
    return fail(
        "other-instances",
        f"{who} holds this data folder, but does not answer",
        folder,
        fix="wait a moment if it has just been started; otherwise end it and start it again",
    )


def endpoint_ports(uses: Sequence[PortUse]) -> list[Finding]:
    """Whether what we would start finds its port free, or runs there already."""
    taken = [use for use in uses if use.holder is not None and not use.ours]
    if not taken:
        return [ok("endpoint-ports", "no endpoint's port is held by another program")]
    return [
        warn(
            "endpoint-ports",
            f"port {use.port} is held by {use.holder}, which was not started for this endpoint",
            use.endpoint,
            fix="stop that program, or give the endpoint another port; "
            "if it is this very server, set process_name so that it is recognised",
        )
        for use in taken
    ]
