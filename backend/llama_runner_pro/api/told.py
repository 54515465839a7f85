"""What monitoring systems are told of this computer, by scrapes and pushes alike."""

from __future__ import annotations

import platform
from collections import Counter
from typing import TYPE_CHECKING, get_args

from llama_runner_pro.config.alerts import Severity
from llama_runner_pro.metrics.prometheus.families import Told

if TYPE_CHECKING:
    from llama_runner_pro.api.deps import ApiDeps


def told(deps: ApiDeps) -> Told:
    """The present moment. Use from the event loop's thread; what comes back is frozen."""
    active = Counter(alert.severity for alert in deps.alerts.active())
    return Told(
        snapshot=deps.sampler.latest,
        fields=[field for _, field in deps.catalogue.fields()],
        views=tuple(deps.supervisor.views()),
        alerts_active={severity: active[severity] for severity in get_args(Severity)},
        version=deps.version,
        host=platform.node(),
    )
