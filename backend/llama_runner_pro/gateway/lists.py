"""Asks servers for their models in the background, so that nobody who lists them ever waits."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import TransportError
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.states import SERVING
from llama_runner_pro.gateway import answers
from llama_runner_pro.gateway.facts import Facts, Offer
from llama_runner_pro.gateway.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.gateway.catalog import Route
    from llama_runner_pro.gateway.ports import Servers
    from llama_runner_pro.transport.client import Response

_log = logging.getLogger(__name__)
EVERY_S, EVERY_ONE_S = 30.0, 300.0
"""For servers of several models, and for those of one, whose list hardly changes."""
_DEADLINE_S, _ROUND_S = 3.0, 1.0
TOLD_S = 4.0
"""How long anybody waits for what a server says now."""
_LIMIT_BYTES = 8_000_000
_SHOWN_AT_ONCE, _SHOWN_KEPT = 50, 1_000
_MESSAGES = frozenset({"llamacpp", "ollama", "lmstudio"})
"""Families of which newer versions speak Anthropic's API."""
_ONE_MODEL = frozenset({"llamacpp", "embedded", "vllm"})


class Http(Protocol):
    """What is needed of `transport.client.HttpClient`."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit_bytes: int = 1_000_000,
    ) -> Response:
        """One exchange; raises `TransportError`, `ValueError`."""
        ...


class Examined(ValueObject, frozen=True):
    """What the model file of an endpoint tells, whether or not it runs."""

    facts: Facts = msgspec.field(default_factory=Facts)
    needed_bytes: int | None = None
    """A guess at the memory that it takes."""


class Lister:
    """Keeps what servers and files tell. `learned` is called when that changed."""

    def __init__(
        self,
        servers: Servers,
        http: Http | None,
        examine: Callable[[EndpointSpec], Awaitable[Examined | None]] | None,
        clock: Clock,
        learned: Callable[[], None],
        shelf: Shelf | None = None,
    ) -> None:
        """Without `http` no server is asked, without `examine` no file is read."""
        self._servers, self._http, self._examine = servers, http, examine
        self._clock, self._learned = clock, learned
        self._shelf = shelf or Shelf()
        self.offers: dict[str, tuple[Offer, ...]] = {}
        self.unconfirmed: set[str] = set()
        """Endpoints whose offers are those of an earlier sidecar."""
        self._examined: dict[str, tuple[EndpointSpec, Examined]] = {}
        self._due_s: dict[str, float] = {}
        self._lives: dict[str, tuple[int, bool]] = {}
        self._shown: dict[str, object] = {}
        self._specs: dict[str, EndpointSpec] = {}
        self._merged: dict[Route, Facts] = {}
        self._new, self._answered = asyncio.Event(), asyncio.Event()
        self._asked, self._without_messages = set[str](), set[str]()
        self._tried: dict[str, tuple[int, bool]] = {}
        self._trials: dict[str, tuple[int, object]] = {}

    def configure(self, specs: Mapping[str, EndpointSpec]) -> None:
        """These endpoints exist now; what is known of those that stay is kept."""
        for name in [name for name in self.offers if name not in specs]:
            del self.offers[name]
        self._specs = dict(specs)
        self._shelf.keep(specs)
        for name, spec in specs.items():
            if name not in self.offers and (known := self._shelf.of(spec)):
                self.offers[name] = known
                self.unconfirmed.add(name)
        self._merged.clear()
        self._new.set()

    def needed_bytes(self, spec: EndpointSpec) -> int | None:
        """A guess at the memory that its model takes; None before its file was read."""
        known = self._examined.get(spec.name)
        return known[1].needed_bytes if known is not None and known[0] == spec else None

    def facts(self, route: Route) -> Facts:
        """All that is known of a model on a server. What its file tells comes first."""
        merged = self._merged.get(route)
        if merged is None:
            merged = self._merged[route] = self._merge(route)
        return merged

    def _merge(self, route: Route) -> Facts:
        offers = self.offers.get(route.endpoint, ())
        told = next((one.facts for one in offers if one.model == route.model), None)
        if told is None:
            told = offers[0].facts if len(offers) == 1 else Facts()
        known = self._examined.get(route.endpoint)
        return told if known is None else known[1].facts.over(told)

    def seen(self, view: EndpointView) -> None:
        """An endpoint changed; one that has just become ready is asked soon."""
        life = view.incarnation, view.state in SERVING
        if self._lives.get(view.name) != life:
            self._lives[view.name] = life
            self._due_s.pop(view.name, None)
            self._new.set()

    def speaks_messages(self, name: str) -> bool:
        """It knows Anthropic's API, as far as anybody has seen. Older versions do not."""
        return name not in self._without_messages

    def look_again(self, name: str) -> None:
        """Its list has probably changed: ask it with the next round."""
        self._due_s.pop(name, None)
        self._new.set()

    async def asked_now(self, name: str) -> None:
        """Have it asked, and wait for that; no longer than `TOLD_S`."""
        self._asked.discard(name)
        self.look_again(name)
        with suppress(TimeoutError):
            async with Deadline(self._clock, TOLD_S):
                while name not in self._asked:
                    self._answered.clear()
                    await self._answered.wait()

    async def run(self) -> None:
        """Ask and read until cancelled."""
        while True:
            self._new.clear()
            await self._examine_new()
            await self._ask_due()
            waits = [one - self._clock.monotonic() for one in self._due_s.values()]
            await self._pause(max(_ROUND_S, min(waits, default=EVERY_ONE_S)))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with Deadline(self._clock, seconds):
                await self._new.wait()

    async def _examine_new(self) -> None:
        nothing_found = False
        for name, spec in list(self._specs.items()):
            known = self._examined.get(name)
            if self._examine is None or (known is not None and known[0] == spec):
                continue
            found = await self._examine(spec)
            self._examined[name] = spec, found or Examined()
            self._merged.clear()
            if found is not None:
                self._learned()
            else:
                nothing_found = True
        if nothing_found:
            # Told once: all models are looked at for it.
            self._learned()

    async def _ask_due(self) -> None:
        now_s = self._clock.monotonic()
        async with asyncio.TaskGroup() as group:
            for view in self._servers.views():
                if view.state not in SERVING:
                    self._due_s.pop(view.name, None)
                elif self._due_s.get(view.name, now_s) <= now_s and self._http is not None:
                    every_s = EVERY_ONE_S if view.kind in _ONE_MODEL else EVERY_S
                    self._due_s[view.name] = now_s + every_s
                    group.create_task(self._ask(view))

    async def _ask(self, view: EndpointView) -> None:
        await self._take_in(view)
        self._asked.add(view.name)
        self._answered.set()

    async def _take_in(self, view: EndpointView) -> None:
        try:
            offers = tuple(await self._offers(view))
            await self._try_messages(view)
        except (TransportError, ValueError) as error:
            # The list from before stays: what a server has does not change when it is slow.
            _log.debug("%s does not tell its models: %s", view.name, error)
            self._due_s[view.name] = self._clock.monotonic() + EVERY_S
            return
        spec, known = self._specs.get(view.name), self.offers.get(view.name)
        if spec is not None and (known != offers or view.name in self.unconfirmed):
            self.offers[view.name] = offers
            self.unconfirmed.discard(view.name)
            self._shelf.put(spec, offers)
            self._merged.clear()
            self._learned()

    async def _try_messages(self, view: EndpointView) -> None:
        """Whether it knows `/v1/messages`: what lacks everything is refused before any work."""
        life = self._lives.get(view.name, (view.incarnation, True))
        if view.kind not in _MESSAGES or self._tried.get(view.name) == life:
            return
        response = await self._exchange(view, "/v1/messages", b"{}")
        self._tried[view.name] = life
        # LM Studio answers 200 to paths that it does not know.
        if response.status in (200, 404, 405, 501):
            self._without_messages.add(view.name)
        else:
            self._without_messages.discard(view.name)

    async def _offers(self, view: EndpointView) -> Sequence[Offer]:
        if view.kind == "ollama":
            tags = await self._get(view, "/api/tags")
            offers = answers.of_ollama(tags, await self._get(view, "/api/ps", optional=True))
            return [await self._shown_too(view, one, at) for at, one in enumerate(offers)]
        if view.kind == "lmstudio":
            found = answers.of_lmstudio(await self._get(view, "/api/v0/models", optional=True))
            if found:
                sizes = await self._get(view, "/api/v1/models", optional=True)
                return answers.sized_by_lmstudio(found, sizes)
            return answers.of_openai(await self._get(view, "/v1/models"))
        offers = answers.of_openai(await self._get(view, "/v1/models"))
        if view.kind in ("llamacpp", "embedded") and len(offers) == 1:
            props = await self._get(view, "/props", optional=True)
            offer = answers.with_props(offers[0], props)
            if answers.may_lack_tools(props):
                offer = answers.with_rendered(offer, await self._rendered(view))
            return [offer]
        return offers

    async def _rendered(self, view: EndpointView) -> object:
        """How it puts a trial into words; asked once in each life, for it wakes what sleeps."""
        known = self._trials.get(view.name)
        if known is None or known[0] != view.incarnation:
            body = msgspec.json.encode(answers.TOOL_TRIAL)
            told = await self._get(view, "/apply-template", body=body, optional=True)
            known = self._trials[view.name] = view.incarnation, told
        return known[1]

    async def _shown_too(self, view: EndpointView, offer: Offer, at: int) -> Offer:
        """With what `/api/show` tells, asked once for each digest."""
        key = f"{view.name}\0{offer.model}\0{offer.facts.digest}"
        if len(self._shown) > _SHOWN_KEPT:
            self._shown.clear()
        if key not in self._shown and at < _SHOWN_AT_ONCE:
            body = msgspec.json.encode({"model": offer.model})
            self._shown[key] = await self._get(view, "/api/show", body=body, optional=True)
        return answers.with_show(offer, self._shown.get(key))

    async def _get(
        self, view: EndpointView, path: str, *, body: bytes = b"", optional: bool = False
    ) -> Any:
        """The JSON answer. None when an `optional` one is refused or is no JSON."""
        response = await self._exchange(view, path, body)
        try:
            if response.status == 200:
                return msgspec.json.decode(response.body)
            reason = f"status {response.status}"
        except UNREADABLE:
            reason = "no JSON"
        if optional:
            return None
        raise ValueError(f"{path}: {reason}")

    async def _exchange(self, view: EndpointView, path: str, body: bytes = b"") -> Response:
        if self._http is None:
            raise ValueError("nobody can be asked")
        return await self._http.request(
            "POST" if body else "GET",
            answers.address(view.url, path),
            deadline_s=_DEADLINE_S,
            headers=self._servers.headers(view.name),
            body=body,
            limit_bytes=_LIMIT_BYTES,
        )
