"""The configuration as it may be shown: no secret in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.config.alerts import channel_secrets, redacted_alerts
from llama_runner_pro.config.gateway_rules import gateway_secrets, redacted_gateway
from llama_runner_pro.config.monitoring import monitoring_secrets, redacted_monitoring
from llama_runner_pro.core.secrets import HIDDEN, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llama_runner_pro.config.model import Config
    from llama_runner_pro.endpoints.spec import EndpointSpec


def redacted(config: Config) -> dict[str, Any]:
    """The configuration as plain JSON values, every secret replaced by `HIDDEN`."""
    return redacted_document(msgspec.to_builtins(config))


def redacted_document(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a sound document, every secret in it replaced by `HIDDEN`."""
    entries = [_redacted_entry(entry) for entry in document.get("endpoints", ())]
    alerts = redacted_alerts(document.get("alerts", {}))
    shown = redacted_gateway(redacted_monitoring(document))
    return {**shown, "endpoints": entries, **({"alerts": alerts} if alerts else {})}


def _redacted_entry(entry: dict[str, Any]) -> dict[str, Any]:
    shown = dict(entry)
    if "headers" in entry:
        shown["headers"] = dict.fromkeys(entry["headers"], HIDDEN)
    for key in ("env", "parameters"):
        if key in entry:
            shown[key] = {name: _shown(name, value) for name, value in entry[key].items()}
    for key in ("start_command", "stop_command"):
        if entry.get(key) is not None:
            shown[key] = redacted_argv(entry[key])
    return shown


def redacted_argv(argv: Sequence[str]) -> list[str]:
    """A command line without the values of options whose names speak of secrets."""
    shown: list[str] = []
    hide_next = False
    for element in argv:
        name, equals, _ = element.partition("=")
        secret = element.startswith("-") and is_secret_name(name.lstrip("-"))
        if hide_next and not element.startswith("-"):
            shown.append(HIDDEN)
        elif secret and equals:
            shown.append(f"{name}={HIDDEN}")
        else:
            shown.append(element)
        hide_next = secret and not equals
    return shown


def secrets_of(config: Config) -> set[str]:
    """Every value that no log may show."""
    found = {secret for spec in config.endpoints for secret in _secrets(spec) if secret}
    found |= {secret for secret in channel_secrets(config.alerts.channels) if secret}
    found |= set(gateway_secrets(config.gateway))
    return found | {secret for secret in monitoring_secrets(config.history, config.otlp) if secret}


def _secrets(spec: EndpointSpec) -> Iterator[str]:
    yield from spec.headers.values()
    for named in (spec.env, spec.parameters):
        yield from _secret_values(named.items())
    for argv in (spec.start_command or (), spec.stop_command or ()):
        for element, shown in zip(argv, redacted_argv(argv), strict=True):
            if element != shown:
                yield element if shown == HIDDEN else element.partition("=")[2]


def _secret_values(members: Iterable[tuple[str, object]]) -> Iterator[str]:
    for name, value in members:
        if is_secret_name(name) and isinstance(value, str):
            yield value


def _shown(name: str, value: object) -> object:
    return HIDDEN if is_secret_name(name) else value
