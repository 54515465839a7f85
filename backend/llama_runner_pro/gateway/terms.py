"""What the configuration says of each endpoint's stay: how long, how many at once, with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.config.gateway_rules import name_key
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.gateway.catalog import Catalog, build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.config.gateway import ServedModelSpec
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.gateway.catalog import Entry, Route
    from llama_runner_pro.gateway.facts import Offer


class Stay(ValueObject, frozen=True):
    """How one endpoint is kept loaded."""

    keep_s: float | None = None
    """Time without requests after which it is unloaded; None: never."""
    pinned: bool = False
    preload: bool = False


_USUAL = Stay()


class Terms:
    """One configuration, with what follows from it. Immutable but for what servers offer."""

    def __init__(self, config: Config, offers: Mapping[str, Sequence[Offer]]) -> None:
        self.gateway = config.gateway
        self.specs: dict[str, EndpointSpec] = {spec.name: spec for spec in config.endpoints}
        self.offer(offers)
        self._stays = {name: self._stay(self._serving(name)) for name in self.specs}

    def offer(self, offers: Mapping[str, Sequence[Offer]]) -> None:
        """Servers told what models they have."""
        self._offers = offers
        self.catalog: Catalog = build(self.gateway, tuple(self.specs.values()), offers)

    def stay(self, endpoint: str) -> Stay:
        """How an endpoint is kept."""
        return self._stays.get(endpoint, _USUAL)

    def stay_within(self, endpoint: str, model: str) -> Stay:
        """How one model within a server of several is kept."""
        return self._stay(self._serving(endpoint, name_key(model)))

    def capacity(self, entry: Entry, route: Route) -> int:
        """Requests at once: what was configured, else the server's own slots, else the default."""
        if entry.spec is not None and entry.spec.max_parallel is not None:
            return entry.spec.max_parallel
        told = [
            offer.facts.slots
            for offer in self._offers.get(route.endpoint, ())
            if offer.facts.slots and (offer.model == route.model or offer.facts.loaded is None)
        ]
        if told:
            return told[0]
        spec = self.specs.get(route.endpoint)
        said = spec.parameters.get("parallel") if spec is not None else None
        if isinstance(said, int) and not isinstance(said, bool) and said > 0:
            return said
        return self.gateway.max_parallel

    def _stay(self, served: Sequence[ServedModelSpec]) -> Stay:
        pinned = any(one.pinned for one in served)
        own = next((one.ttl_s for one in served if one.ttl_s is not None), None)
        # What is pinned stays, unless somebody said a time for just that model.
        ttl_s = own if own is not None else (0.0 if pinned else self.gateway.ttl_s)
        preload = any(one.preload for one in served)
        return Stay(keep_s=ttl_s or None, pinned=pinned, preload=preload)

    def _serving(self, endpoint: str, model: str | None = None) -> list[ServedModelSpec]:
        return [
            entry.spec
            for entry in self.catalog.entries
            if entry.spec is not None
            and any(
                way.endpoint == endpoint and (model is None or name_key(way.model) == model)
                for way in entry.routes
            )
        ]
