"""Builds what watches and heals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.config.overrides import (
    Choices,
    Overrides,
    OverridesFile,
    apply_overrides,
)
from llama_runner_pro.config.redact import redacted
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.supervision.assembly import Assembly
from llama_runner_pro.supervision.events import IncidentChanged, SupervisionEvent
from llama_runner_pro.supervision.recovery_log import RecoveryLog
from llama_runner_pro.supervision.supervisor import Supervisor

if TYPE_CHECKING:
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.acceptance import ApplyProposal
    from llama_runner_pro.supervision.diagnostics.service import Diagnostics
    from llama_runner_pro.supervision.records import Records
    from llama_runner_pro.transport.client import HttpClient


def build_supervision(
    config: Config,
    paths: DataPaths,
    clock: Clock,
    http: HttpClient,
    records: Records,
    diagnostics: Diagnostics,
    amend: ApplyProposal,
) -> tuple[Supervisor, Assembly, Choices, RecoveryLog]:
    """Nothing runs yet. Blocking only to read a small file of ours."""
    topic: Topic[SupervisionEvent] = Topic()
    recovery = RecoveryLog(
        paths.recovery_log, clock, lambda incident: topic.publish(IncidentChanged(incident))
    )
    file = OverridesFile(paths.overrides_file)
    chosen, choices = apply_overrides(config, file.load()), Choices(file, config)
    assembly = Assembly(
        check_interval_s=chosen.check_interval,
        endpoints=len(chosen.endpoints),
        log_path=paths.endpoint_log,
        records=records,
        recovery=recovery,
        http=http,
        clock=clock,
        publish=topic.publish,
        reserved=lambda: {view.port for view in supervisor.views() if view.port is not None},
        debug=lambda: supervisor.debug_mode,
        diagnostics=diagnostics,
    )
    supervisor = Supervisor(
        {spec.name: assembly.watch(spec) for spec in chosen.endpoints},
        make=assembly.watch,
        recovery=recovery,
        clock=clock,
        topic=topic,
        debug_mode=chosen.debug_mode,
        remember=choices.remember,
        document=diagnostics.document,
        apply_proposal=amend,
    )
    recovery.abandon_left_open()
    return supervisor, assembly, choices, recovery


def running_document(config: Config, supervisor: Supervisor) -> dict[str, object]:
    """What is configured, with what was switched at run time; secrets hidden."""
    enabled = {view.name: view.enabled for view in supervisor.views()}
    chosen = Overrides(debug_mode=supervisor.debug_mode, enabled=enabled)
    return redacted(apply_overrides(config, chosen))
