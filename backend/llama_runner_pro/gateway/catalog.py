"""Which names clients may use, and which server knows each model by which name. Pure."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from llama_runner_pro.config.gateway_rules import name_key
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.kinds import profile_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llama_runner_pro.config.derived import DerivedModelSpec
    from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.gateway.facts import Offer

_LATEST = ":latest"
_ONE_MODEL = frozenset({"llamacpp", "embedded"})
"""Kinds whose server holds one model and takes requests under any name."""


class Route(ValueObject, frozen=True):
    """One way to a model: a server, and its name there."""

    endpoint: str
    model: str


class Entry(ValueObject, frozen=True):
    """One model under its name."""

    name: str
    routes: tuple[Route, ...]
    """The preferred first."""
    aliases: tuple[str, ...] = ()
    spec: ServedModelSpec | None = None
    recipe: DerivedModelSpec | None = None
    """What makes it another model than the one it is made of."""


class Catalog:
    """All names at one time. Immutable: a change makes a new one."""

    def __init__(self, entries: Iterable[Entry] = (), shortcuts: Iterable[Entry] = ()) -> None:
        """Names of earlier entries win; `shortcuts` are found, but not listed."""
        self._by_key: dict[str, Entry] = {}
        self.entries: tuple[Entry, ...] = tuple(entries)
        for entry in (*self.entries, *shortcuts):
            for name in (entry.name, *entry.aliases):
                self._by_key.setdefault(name_key(name), entry)

    def find(self, name: str) -> Entry | None:
        """By name or alias; case and `:latest` do not matter."""
        return self._by_key.get(name) or self._by_key.get(name_key(name))

    def names(self) -> list[str]:
        """All that are listed, for an error that says what there is."""
        return [entry.name for entry in self.entries]


def build(
    gateway: GatewaySpec,
    endpoints: Sequence[EndpointSpec],
    offers: Mapping[str, Sequence[Offer]],
) -> Catalog:
    """The catalogue of what is configured and of what servers say they have."""
    own = {spec.name: _own_routes(spec, offers.get(spec.name, ())) for spec in endpoints}
    entries: dict[str, Entry] = {}
    for served in gateway.models:
        routes = tuple(_served_routes(served, endpoints, own))
        entry = Entry(served.name, routes, served.aliases, served)
        entries.setdefault(name_key(served.name), entry)
    gathered: dict[str, tuple[str, list[Route]]] = {}
    for found in own.values():
        for name, route in found:
            gathered.setdefault(name_key(name), (name, []))[1].append(route)
    for key, (name, ways) in gathered.items():
        entries.setdefault(key, Entry(name, tuple(ways)))
    shortcuts = [
        Entry(found[0][0], (found[0][1],), (name,))
        for name, found in own.items()
        if len(found) == 1
    ]
    # The name of an endpoint leads to its only model, but is not another model in a list.
    plain = Catalog(entries.values(), shortcuts)
    if not gateway.derived:
        return plain
    return Catalog((*plain.entries, *_derived(gateway, plain)), shortcuts)


def _derived(gateway: GatewaySpec, plain: Catalog) -> Iterator[Entry]:
    """Models that are made of others go the ways of those; without one they lead nowhere."""
    for recipe in gateway.derived:
        base = plain.find(recipe.base)
        routes, spec = (base.routes, base.spec) if base is not None else ((), None)
        yield Entry(recipe.name, routes, (), spec, recipe)


def _own_routes(spec: EndpointSpec, offers: Sequence[Offer]) -> list[tuple[str, Route]]:
    """The models of one endpoint under their own names."""
    kind = profile_of(spec).kind
    one_model = kind in _ONE_MODEL
    named = spec.model
    if named is None and one_model and len(offers) < 2:
        named = _plain(offers[0].model) if offers else None
        named = named or (_plain(spec.model_path) if spec.model_path else spec.name)
    elif named is None and kind == "custom" and not offers:
        # Until it tells, its own name is all there is to call it by.
        named = spec.name
    found: dict[str, tuple[str, Route]] = {}
    if named:
        found[name_key(named)] = (_shown(named), Route(spec.name, named))
    if not one_model or len(offers) > 1:
        for offer in offers:
            route = Route(spec.name, offer.model)
            found.setdefault(name_key(offer.model), (_shown(offer.model), route))
    return list(found.values())


def _served_routes(
    served: ServedModelSpec,
    endpoints: Sequence[EndpointSpec],
    own: Mapping[str, Sequence[tuple[str, Route]]],
) -> list[Route]:
    wanted = {name_key(name) for name in (served.name, served.upstream_model) if name}
    names = served.endpoints or tuple(spec.name for spec in endpoints)
    routes = []
    for name in names:
        has = own.get(name, ())
        fitting = [route for shown, route in has if name_key(shown) in wanted]
        if fitting:
            routes.append(Route(name, served.upstream_model or fitting[0].model))
        elif served.endpoints and name in own:
            only = has[0][1].model if len(has) == 1 else served.name
            routes.append(Route(name, served.upstream_model or only))
    return routes


def _shown(name: str) -> str:
    return name[: -len(_LATEST)] if name.lower().endswith(_LATEST) else name


def _plain(path: str) -> str:
    """A file's name without folder and ending; other names as they are."""
    if not path.lower().endswith(".gguf"):
        return path
    return PurePath(path.replace("\\", "/")).stem
