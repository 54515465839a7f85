"""What one configuration changes over another, and what that means for running processes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.kind import port_of
from llama_runner_pro.endpoints.kinds import profile_of

if TYPE_CHECKING:
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.endpoints.spec import EndpointSpec

Change = Literal["same", "adjusted", "replaced"]

_PROCESS_FIELDS = (
    "kind",
    "url",
    "process_name",
    "start_command",
    "env",
    "cwd",
    "model_path",
    "parameters",
    "limits",
)
"""A process that runs already cannot take these on."""


class Diff(ValueObject, frozen=True):
    """Names of endpoints in the order of their configuration, and of other settings."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    """Their processes end and are started anew."""
    adjusted: tuple[str, ...] = ()
    """Their processes run on."""
    switched: tuple[str, ...] = ()
    """Those of the adjusted and replaced that were enabled or disabled."""
    settings: tuple[str, ...] = ()
    """Settings outside of endpoints."""


def diff(before: Config, after: Config) -> Diff:
    """What has to be done to get from one to the other."""
    old = {spec.name: spec for spec in before.endpoints}
    new = {spec.name: spec for spec in after.endpoints}
    both = [(old[name], spec) for name, spec in new.items() if name in old]
    changes = {spec.name: change_of(was, spec) for was, spec in both}
    settings = [field for field in before.__struct_fields__ if field != "endpoints"]
    return Diff(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        replaced=tuple(name for name, change in changes.items() if change == "replaced"),
        adjusted=tuple(name for name, change in changes.items() if change == "adjusted"),
        switched=tuple(spec.name for was, spec in both if was.enabled != spec.enabled),
        settings=tuple(key for key in settings if getattr(before, key) != getattr(after, key)),
    )


def change_of(before: EndpointSpec, after: EndpointSpec) -> Change:
    """What becomes of the process of an endpoint whose spec changed."""
    if before == after:
        return "same"
    if any(getattr(before, key) != getattr(after, key) for key in _PROCESS_FIELDS):
        return "replaced"
    moved = port_of(before, profile_of(before)) != port_of(after, profile_of(after))
    renamed = before.model != after.model and _hands_over_model(after)
    return "replaced" if moved or renamed else "adjusted"


def _hands_over_model(spec: EndpointSpec) -> bool:
    """The process is told the model's name when it is started."""
    said = any("${MODEL}" in element for element in spec.start_command or ())
    return said or (spec.start_command is None and spec.model_path is not None)
