"""What is kept of one endpoint under supervision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.monitor import Monitor


class Watched(ValueObject, frozen=True):
    """One endpoint under supervision, with what must be done for it now and then."""

    monitor: Monitor
    tend: Callable[[], None]
    """Reads and rotates its output; blocking, called in a thread every 2 s."""
    stops_on_exit: Callable[[], bool]
    """Whether its process ends with the sidecar."""
    hurry: Callable[[float], None]
    """Shortens the time, in seconds, that its process gets to end by itself."""
    adjust: Callable[[EndpointSpec], None]
    """Takes on settings that leave its process alone."""
    ours: Callable[[], bool] = lambda: True
    """Its process was started by us, or by an earlier sidecar."""
