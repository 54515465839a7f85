"""What must hold in the section `gateway` beyond types, and what follows from it for endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_runner_pro.config.gateway import is_exposed
from llama_runner_pro.config.wording import did_you_mean
from llama_runner_pro.core.secrets import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from llama_runner_pro.config.gateway import GatewaySpec
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.validate import Checker
    from llama_runner_pro.endpoints.spec import EndpointSpec

    Placed = Sequence[tuple[str, EndpointSpec]]

_ANY = "*"


def name_key(name: str) -> str:
    """What two names of models have in common that mean the same one."""
    return name.strip().lower().removesuffix(":latest")


def check_gateway(checker: Checker, spec: GatewaySpec, placed: Placed) -> None:
    """Everything at once: host and keys, ports, names of models, endpoints, groups, origins."""
    _check_access(checker, spec)
    _check_ports(checker, spec)
    names = {one.name: path for path, one in placed if one.name}
    _check_models(checker, spec, placed, names)
    _check_groups(checker, spec, names)
    for at, origin in enumerate(spec.origins):
        if origin != _ANY and "://" not in origin:
            hint = "write it as in https://example.org; * lets every page in"
            checker.note(f"gateway.origins[{at}]", f"{origin!r} is not an origin", hint)


def _check_access(checker: Checker, spec: GatewaySpec) -> None:
    first: dict[str, int] = {}
    secrets: dict[str, int] = {}
    for at, key in enumerate(spec.keys):
        path = f"gateway.keys[{at}]"
        if key.name in first:
            message = f"the name {key.name!r} is used already, by gateway.keys[{first[key.name]}]"
            checker.note(f"{path}.name", message, "give each key a name of its own")
        elif key.secret in secrets:
            message = f"gateway.keys[{secrets[key.secret]}] has the same one"
            checker.note(f"{path}.secret", message, "nobody could tell the two apart")
        first.setdefault(key.name, at)
        secrets.setdefault(key.secret, at)
        if not key.secret.isascii() or not key.secret.isprintable() or " " in key.secret:
            hint = "use printable ASCII characters without spaces"
            checker.note(f"{path}.secret", "it cannot be sent in a header", hint)
    try:
        exposed = is_exposed(spec.host)
    except ValueError:
        hint = "write 127.0.0.1 for this computer alone, 0.0.0.0 for every network"
        checker.note("gateway.host", f"{spec.host!r} is not an address of this computer", hint)
        return
    if exposed and spec.auth == "auto" and not spec.keys:
        message = f"{spec.host} lets other computers in, and no key is configured"
        hint = 'add one to gateway.keys, or let everybody in with gateway.auth = "none"'
        checker.note("gateway.host", message, hint)
    if spec.auth == "keys" and not spec.keys:
        hint = "add one to gateway.keys; else nobody could come in"
        checker.note("gateway.auth", "a key is asked for, and none is configured", hint)


def _check_ports(checker: Checker, spec: GatewaySpec) -> None:
    """Our own four alone: a real server on a wanted port is what the alternative is for."""
    first: dict[int, str] = {}
    for name, door in (("openai", spec.openai), ("ollama", spec.ollama)):
        if not door.enabled:
            continue
        for key in ("port", "alternative_port"):
            path, port = f"gateway.{name}.{key}", getattr(door, key)
            if port in first:
                message = f"port {port} is used already, by {first[port]}"
                checker.note(path, message, "give each its own")
            first.setdefault(port, path)


def _check_models(
    checker: Checker, spec: GatewaySpec, placed: Placed, names: Mapping[str, str]
) -> None:
    used: dict[str, str] = {}
    for at, model in enumerate(spec.models):
        path = f"gateway.models[{at}]"
        _claim(checker, used, model.name, f"{path}.name")
        for index, alias in enumerate(model.aliases):
            _claim(checker, used, alias, f"{path}.aliases[{index}]")
        _check_known(checker, model.endpoints, names, f"{path}.endpoints")
        known = {name_key(one.model) for _, one in placed if one.model}
        wanted = {name_key(name) for name in (model.name, model.upstream_model) if name}
        told = any(not one.model for _, one in placed)
        if not model.endpoints and not told and not known & wanted:
            hint = "name its endpoints, or the model as they call it in upstream_model"
            checker.note(path, f"no endpoint serves {model.name!r}", hint)
    for at, derived in enumerate(spec.derived):
        _claim(checker, used, derived.name, f"gateway.derived[{at}].name")
    _check_clashes(checker, spec, placed)


def _claim(checker: Checker, used: dict[str, str], name: str, path: str) -> None:
    key = name_key(name)
    if not key or name != name.strip() or not name.isprintable():
        hint = "remove spaces at its ends and control characters"
        checker.note(path, "the name holds characters that cannot be seen", hint)
    elif key in used:
        message = f"the name {name!r} is used already, by {used[key]}"
        checker.note(path, message, "capitals and :latest make no difference between names")
    used.setdefault(key, path)


def _check_clashes(checker: Checker, spec: GatewaySpec, placed: Placed) -> None:
    """A name that an endpoint already gives to a model of its own must mean that model."""
    owners: dict[str, set[str]] = {}
    for _, one in placed:
        for name in (one.model, one.name):
            if name:
                owners.setdefault(name_key(name), set()).add(one.name)
    for at, derived in enumerate(spec.derived):
        own = owners.get(name_key(derived.name), set())
        if own:
            message = f"{derived.name!r} is what {_listed(own)} has already"
            checker.note(f"gateway.derived[{at}].name", message, "choose another name")
    for at, model in enumerate(spec.models):
        own = owners.get(name_key(model.name), set())
        if own and model.endpoints and not own & set(model.endpoints):
            message = f"{model.name!r} is what {_listed(own)} has already"
            hint = "choose another name, or name that endpoint among its endpoints"
            checker.note(f"gateway.models[{at}].name", message, hint)
        for index, alias in enumerate(model.aliases):
            own = owners.get(name_key(alias), set())
            serving = set(model.endpoints) or owners.get(name_key(model.name), set())
            if own and not own & serving:
                message = f"{alias!r} is what {_listed(own)} has already"
                path = f"gateway.models[{at}].aliases[{index}]"
                checker.note(path, message, "choose another name")


def _listed(names: Iterable[str]) -> str:
    return " and ".join(f"the endpoint {name!r}" for name in sorted(names))


def _check_groups(checker: Checker, spec: GatewaySpec, names: Mapping[str, str]) -> None:
    first: dict[str, int] = {}
    for at, group in enumerate(spec.groups):
        path = f"gateway.groups[{at}]"
        if group.name in first:
            message = (
                f"the name {group.name!r} is used already, by gateway.groups[{first[group.name]}]"
            )
            checker.note(f"{path}.name", message, "give each group a name of its own")
        first.setdefault(group.name, at)
        _check_known(checker, group.endpoints, names, f"{path}.endpoints")


def _check_known(
    checker: Checker, wanted: Sequence[str], names: Mapping[str, str], path: str
) -> None:
    for at, name in enumerate(wanted):
        if name not in names:
            hint = did_you_mean(name, names)
            checker.note(f"{path}[{at}]", f"no endpoint is named {name!r}", hint)
        elif name in wanted[:at]:
            checker.note(f"{path}[{at}]", f"{name!r} is listed twice", "remove one")


def on_demand_names(config: Config) -> frozenset[str]:
    """Endpoints that are not started before a request needs them.

    Besides those that say so themselves: whatever the gateway unloads or keeps from running
    beside others, unless it is to be loaded from the start.
    """
    gateway = config.gateway
    found = {spec.name for spec in config.endpoints if spec.on_demand}
    if not gateway.enabled:
        return frozenset(found)
    if gateway.ttl_s or gateway.max_running is not None:
        found |= {spec.name for spec in config.endpoints}
    for group in gateway.groups:
        if group.max_running < len(group.endpoints):
            found |= set(group.endpoints)
    for model in gateway.models:
        serving = set(model.endpoints) or {
            spec.name
            for spec in config.endpoints
            if spec.model and name_key(spec.model) == name_key(model.name)
        }
        if model.ttl_s or model.preload:
            # What is to be loaded from the start is loaded by the gateway, in its turn.
            found |= serving
    return frozenset(found)


def gateway_secrets(spec: GatewaySpec) -> Iterator[str]:
    """Every value of this section that no log may show."""
    return (key.secret for key in spec.keys)


def redacted_gateway(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a whole sound document without the gateway's keys."""
    gateway = document.get("gateway", {})
    if "keys" not in gateway:
        return document
    keys = [{**key, "secret": HIDDEN} for key in gateway["keys"]]
    return {**document, "gateway": {**gateway, "keys": keys}}


def restored_gateway(
    document: dict[str, Any], stored: dict[str, Any], missing: Callable[[str], None]
) -> dict[str, Any]:
    """`document` with each hidden secret replaced by the stored one of the key of that name.

    `missing` is called with the path of each one that stands for nothing. Whatever has another
    shape than expected is left for the check to complain about.
    """
    gateway = document.get("gateway")
    keys = gateway.get("keys") if isinstance(gateway, dict) else None
    if not isinstance(gateway, dict) or not isinstance(keys, list):
        return document
    known = {one["name"]: one["secret"] for one in stored.get("gateway", {}).get("keys", ())}
    restored = []
    for at, one in enumerate(keys):
        if not isinstance(one, dict) or one.get("secret") != HIDDEN:
            restored.append(one)
            continue
        secret = known.get(str(one.get("name")))
        if secret is None:
            missing(f"gateway.keys[{at}].secret")
        restored.append(one if secret is None else {**one, "secret": secret})
    return {**document, "gateway": {**gateway, "keys": restored}}
