"""The models as they are listed to clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from llama_runner_pro.core.errors import BadRequest, ModelNotFound
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.gateway.catalog import Entry, Route
from llama_runner_pro.gateway.facts import Facts, stable_digest
from llama_runner_pro.gateway.guest import Guest

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Operation
    from llama_runner_pro.gateway.fleet import Fleet
    from llama_runner_pro.gateway.house import House
    from llama_runner_pro.gateway.place import Place
    from llama_runner_pro.gateway.ports import Ask
    from llama_runner_pro.gateway.routing import Phase
    from llama_runner_pro.gateway.standing import Standing

_SERVER = "(server)"
"""Stands for a server's model where none is meant."""
ModelState = Literal["loaded", "loading", "not_loaded", "failed"]
_TALKING: frozenset[Operation] = frozenset({"chat", "completion", "response", "messages", "infill"})
_ORDER: dict[Phase, int] = {"ready": 0, "coming": 1, "loadable": 2, "down": 3}


class ModelMeant(NamedTuple):
    """Satisfies `ports.Meant`."""

    name: str
    endpoint: str
    kind: str
    state: ModelState
    operation: Literal["llm", "vlm", "embedding"]
    aliases: tuple[str, ...]
    lacks: tuple[str, ...] = ()


class Table:
    """Draws models; decides nothing."""

    def __init__(
        self, fleet: Fleet, house: House, facts: Callable[[Route], Facts], clock: Clock
    ) -> None:
        """`facts` tells what is known of a model on a server."""
        self._fleet, self._house, self._clock = fleet, house, clock
        self._facts = facts
        self._vectors_only: frozenset[str] = frozenset()

    def entry(self, name: str) -> Entry:
        """The model of that name or alias. Raises `ModelNotFound`."""
        entry = self._fleet.terms.catalog.find(name)
        if entry is None:
            raise ModelNotFound(name, self._fleet.terms.catalog.names())
        return entry

    def entry_of(self, ask: Ask) -> Entry:
        """What a request is about. Raises `ModelNotFound`, `BadRequest`."""
        if ask.endpoint is None:
            entry = self.entry(ask.model)
            self.check(entry, ask.operation)
            return entry
        return Entry(f"{_SERVER} {ask.endpoint}", (Route(ask.endpoint, _SERVER),))

    def models(self) -> list[ModelView]:
        """All that somebody could serve, in the order of the configuration."""
        return [
            self.view(entry)
            for entry in self._fleet.terms.catalog.entries
            if any(self._known(route) for route in entry.routes)
        ]

    def hosts(self, kind: str) -> list[str]:
        """Endpoints of that family that serve or can be made to, those that serve first."""
        fitting = [one for one in self._fleet.standings.values() if one.view.kind == kind]
        usable = [one for one in fitting if one.phase() != "down"]
        return [one.name for one in sorted(usable, key=lambda one: _ORDER[one.phase()])]

    def _known(self, route: Route) -> bool:
        standing = self._fleet.standings.get(route.endpoint)
        return standing is not None and standing.view.state is not State.DISABLED

    def view(self, entry: Entry) -> ModelView:
        """One model."""
        way = self._way(entry)
        if way is None:
            return ModelView(
                name=entry.name,
                endpoint=entry.routes[0].endpoint if entry.routes else "",
                kind="custom",
                state="failed",
                aliases=entry.aliases,
                reason="no endpoint serves it",
                digest=stable_digest(entry.name, Facts()),
            )
        return self._drawn(entry, *way)

    def meant(self, entry: Entry) -> ModelMeant:
        """What requests need to know of it."""
        way = self._way(entry)
        if way is None:
            endpoint = entry.routes[0].endpoint if entry.routes else ""
            return ModelMeant(entry.name, endpoint, "custom", "failed", "llm", entry.aliases)
        standing, route = way
        facts, place = self._facts(route), self._fleet.place_of(route) or standing
        phase = place.phase()
        loaded = phase == "ready" and (place is not standing or facts.loaded is not False)
        return ModelMeant(
            entry.name,
            route.endpoint,
            standing.view.kind,
            _state(phase, standing, place, loaded=loaded),
            facts.operation or "llm",
            entry.aliases,
            self._lacks(entry),
        )

    def _lacks(self, entry: Entry) -> tuple[str, ...]:
        """Only what each of its servers lacks: any of them may get the next request."""
        first, *others = [self._facts(route).lacks or () for route in entry.routes]
        return tuple(word for word in first if all(word in one for one in others))

    def _way(self, entry: Entry) -> tuple[Standing, Route] | None:
        """The server that would take a request now, and its name for the model."""
        if len(entry.routes) == 1:
            # Asked for each request, and nearly always there is nothing to choose.
            only = self._fleet.standings.get(entry.routes[0].endpoint)
            return None if only is None else (only, entry.routes[0])
        ways = [
            (standing, route)
            for route in entry.routes
            if (standing := self._fleet.standings.get(route.endpoint)) is not None
        ]
        return min(ways, key=lambda way: _ORDER[way[0].phase()], default=None)

    def check(self, entry: Entry, operation: Operation) -> None:
        """Raises `BadRequest` for what a model is known to be unable to do."""
        if self._vectors_only and entry.name in self._vectors_only and operation in _TALKING:
            reason = f"the model {entry.name!r} only makes embeddings; it cannot answer"
            raise BadRequest(reason, "model", code="not_supported")

    def learned(self) -> None:
        """Servers or files told something new of models."""
        self._vectors_only = frozenset(
            entry.name
            for entry in self._fleet.terms.catalog.entries
            if entry.routes
            and all(self._facts(route).operation == "embedding" for route in entry.routes)
        )

    def _drawn(self, entry: Entry, standing: Standing, route: Route) -> ModelView:
        facts, place = self._facts(route), self._fleet.place_of(route) or standing
        phase = place.phase()
        memory_bytes, gpu_bytes = self._house.amounts(place.name)
        if isinstance(place, Guest):
            memory_bytes, gpu_bytes = place.memory_bytes, place.gpu_memory_bytes
        said = None if entry.spec is None else entry.spec.context_length
        loaded = phase == "ready" and (place is not standing or facts.loaded is not False)
        return ModelView(
            name=entry.name,
            endpoint=route.endpoint,
            kind=standing.view.kind,
            state=_state(phase, standing, place, loaded=loaded),
            operation=facts.operation or "llm",
            aliases=entry.aliases,
            reason=None if phase == "ready" else place.words(),
            path=facts.path,
            size_bytes=facts.size_bytes,
            memory_bytes=memory_bytes,
            gpu_memory_bytes=gpu_bytes,
            context_length=facts.context_length or said,
            context_length_max=facts.context_length_max,
            architecture=facts.architecture,
            parameter_count=facts.parameter_count,
            quantization=facts.quantization,
            embedding_length=facts.embedding_length,
            block_count=facts.block_count,
            head_count=facts.head_count,
            capabilities=facts.capabilities or ("completion",),
            lacks=self._lacks(entry),
            digest=stable_digest(entry.name, facts),
            modified_ms=facts.modified_ms or 0,
            expires_ms=self._expires_ms(place) or (facts.expires_ms if loaded else None),
            in_flight=sum(
                self._fleet.slots(entry, way).taken
                for way in entry.routes
                if way.endpoint in self._fleet.standings
            ),
        )

    def _expires_ms(self, place: Place) -> int | None:
        at_s = self._house.expires_s(place)
        if at_s is None:
            return None
        return self._clock.wall_ms() + round((at_s - self._clock.monotonic()) * 1000)


def _state(phase: Phase, standing: Standing, place: Place, *, loaded: bool) -> ModelState:
    if loaded:
        return "loaded"
    if phase == "coming":
        return "loaded" if place.serving else "loading"
    gave_up = standing.view.state is State.FAILED or place.failure is not None
    return "failed" if gave_up or phase == "down" else "not_loaded"
