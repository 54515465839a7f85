"""Which models each server had when it was last asked, so that they are known while it is down."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from llama_runner_pro.gateway.facts import Offer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.endpoints.spec import EndpointSpec


class Shelved(msgspec.Struct, frozen=True, kw_only=True):
    """The models of one endpoint."""

    of: str
    """Which server that was; a changed endpoint is another one."""
    offers: tuple[Offer, ...]


class Shelf:
    """What is known so far. `remember` is called with everything when it changed."""

    def __init__(
        self,
        known: Mapping[str, Shelved] | None = None,
        remember: Callable[[dict[str, Shelved]], None] = lambda _: None,
    ) -> None:
        """`remember` must not block."""
        self._known = dict(known or {})
        self._remember = remember

    def of(self, spec: EndpointSpec) -> tuple[Offer, ...]:
        """What that endpoint had, nothing of it in memory; empty: it was never asked."""
        known = self._known.get(spec.name)
        return known.offers if known is not None and known.of == _server(spec) else ()

    def put(self, spec: EndpointSpec, offers: Sequence[Offer]) -> None:
        """It has these now."""
        shelved = Shelved(of=_server(spec), offers=tuple(_resting(one) for one in offers))
        if self._known.get(spec.name) != shelved:
            self._known[spec.name] = shelved
            self._remember(dict(self._known))

    def keep(self, names: Mapping[str, object]) -> None:
        """Forget all other endpoints."""
        gone = [name for name in self._known if name not in names]
        for name in gone:
            del self._known[name]
        if gone:
            self._remember(dict(self._known))


def _resting(offer: Offer) -> Offer:
    """Without what is true only while the server runs, or changes all the time."""
    facts = offer.facts
    loaded = None if facts.loaded is None else False
    resting = replace(facts, loaded=loaded, expires_ms=None, context_length=None, lacks=None)
    return Offer(offer.model, resting)


def _server(spec: EndpointSpec) -> str:
    said = (spec.kind, spec.url, spec.port, spec.start_command, spec.model_path)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]
