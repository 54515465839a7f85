"""Requests that pass through: which server gets them, and what of them is changed on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

import msgspec

from llama_runner_pro.core.errors import BadRequest, Denied, NoUpstream
from llama_runner_pro.gateway.dispatch import Dispatch, Visit
from llama_runner_pro.gateway.envelope import Envelope, edited, edits, read_envelope
from llama_runner_pro.gateway.headers import find, lines_for_server
from llama_runner_pro.gateway.key_limits import opens
from llama_runner_pro.gateway.ports import Ask
from llama_runner_pro.gateway.refusals import operation_of
from llama_runner_pro.gateway.routes import ROUTES, SEASONED
from llama_runner_pro.gateway.waiting_text import waiting_event

if TYPE_CHECKING:
    from pathlib import Path

    from httptools import HttpRequestParser

    from llama_runner_pro.core.errors import GatewayError
    from llama_runner_pro.endpoints.traffic import Surface
    from llama_runner_pro.gateway.body import Spooled
    from llama_runner_pro.gateway.door_head import DoorHead
    from llama_runner_pro.gateway.journey import Journeys
    from llama_runner_pro.gateway.ports import Access, ModelTable, Progress, Upstream, Visitor
    from llama_runner_pro.gateway.road import Consumer
    from llama_runner_pro.gateway.routes import Route
    from llama_runner_pro.gateway.speech import Interpreter, Speech
    from llama_runner_pro.gateway.trip import Trip

_COUNTS_ITSELF = frozenset({"llamacpp", "embedded"})
"""These put `timings` into their last chunk, so that `usage` need not be asked for."""
_STREAMED_USAGE = frozenset({"chat", "completion"})


@dataclass(slots=True, kw_only=True)
class RelaySettings:
    """What can be changed while the gateway runs."""

    body_limit_bytes: int = 200_000_000
    loading_text: bool = False
    """Tell streaming clients that the model loads."""
    spool_folder: Path | None = None


class Arrival(NamedTuple):
    """The head of a request at a door."""

    surface: Surface
    """In whose words errors are told."""
    route: Route | None
    """None: left to a surface."""
    visitor: Visitor
    method: str
    path: str
    query: str
    headers: list[tuple[bytes, bytes]]
    keep_alive: bool
    old: bool
    """HTTP/1.0."""
    expects_continue: bool
    client: str | None
    """Its User-Agent."""
    lines: bytes
    """The headers that go on to a server."""

    @property
    def may_repeat(self) -> bool:
        """Another request with the same head can be served like this one."""
        plain = self.keep_alive and not self.old and not self.expects_continue
        return plain and self.path.isascii() and self.query.isascii()

    @property
    def is_usual(self) -> bool:
        """Nothing but its body decides where it goes, and nothing is put into its answer."""
        visitor = self.visitor
        return (
            self.method == "POST"
            and not self.query
            and not visitor.models
            and not visitor.answer_headers
            and visitor.leave is None
        )


def arrival_of(
    parser: HttpRequestParser,
    head: DoorHead,
    target: tuple[bytes, bytes],
    surface: Surface,
    route: Route | None,
    visitor: Visitor,
) -> Arrival:
    """What is known of a request once its head was read. `target` is path and query."""
    client = find(head.headers, b"user-agent")
    return Arrival(
        surface,
        route,
        visitor,
        parser.get_method().decode("ascii"),
        target[0].decode("ascii", "replace"),
        target[1].decode("ascii", "replace"),
        head.headers,
        parser.should_keep_alive(),
        parser.get_http_version() == "1.0",
        head.expects_continue,
        None if client is None else client.decode("latin-1"),
        b"" if route is None else lines_for_server(head.headers),
    )


class Passenger(NamedTuple):
    """A request that was read completely."""

    arrival: Arrival
    route: Route
    body: bytes | Spooled
    envelope: Envelope
    size_bytes: int
    speech: Speech | None = None
    """Translates it; None: it passes as it is."""


class Relay:
    """Serves both doors. Use from the event loop only."""

    def __init__(
        self, journeys: Journeys, access: Access, table: ModelTable, settings: RelaySettings
    ) -> None:
        self.journeys = journeys
        self.access = access
        self.settings = settings
        self.interpreters: dict[tuple[Surface, str], Interpreter] = {}
        """By door and path; what is not understood here is left to the surfaces."""
        self._table = table

    def route(self, method: bytes, path: bytes) -> Route | None:
        """Where a request goes that is not left to a surface."""
        return ROUTES.get((method, path))

    def envelope_of(self, route: Route, query: str, body: bytes | memoryview) -> Envelope:
        """What the request says about itself; the model may stand in the query.

        Raises `BadRequest`.
        """
        envelope = read_envelope(body) if body or not route.only_native else Envelope()
        if envelope.model is None and query:
            envelope.model = next(iter(parse_qs(query).get("model", [])), None)
        return envelope

    def model_of(self, route: Route, envelope: Envelope) -> str:
        """The model that is meant; the only one when none is named.

        Raises `BadRequest` when that cannot be told.
        """
        if envelope.model:
            return envelope.model
        fitting = [
            view for view in self._table.models() if route.kinds is None or view.kind in route.kinds
        ]
        loaded = [view for view in fitting if view.state == "loaded"]
        for choice in (loaded, fitting):
            if len(choice) == 1:
                return choice[0].name
        raise BadRequest("the request names no model", param="model", code="model_missing")

    def is_native(self, route: Route, model: str) -> bool:
        """The server that would get it now understands it as it is."""
        if route.operation in SEASONED and not route.only_native and self._table.recipe(model):
            return False
        if route.kinds is None:
            return True
        view = self._table.meant(model)
        if view is None:
            return True
        knows = route.surface != "anthropic" or self._table.speaks_messages(view.endpoint)
        return knows and view.kind in route.kinds

    def check_allowed(self, visitor: Visitor, model: str) -> None:
        """Raises `Denied` when the visitor's key is not for this model."""
        if not visitor.models:
            return
        view = self._table.meant(model)
        if view is None or not opens(visitor.models, view):
            raise Denied(403, "model_not_allowed", f"this API key may not use the model {model!r}")

    def ask_of(
        self,
        route: Route,
        visitor: Visitor,
        envelope: Envelope,
        model: str,
        keep_alive_s: float | None = None,
    ) -> Ask:
        """What the admission has to know."""
        return Ask(
            model=model,
            surface=route.surface,
            operation=route.operation,
            stream=bool(envelope.stream),
            affinity=envelope.affinity(),
            priority=visitor.priority,
            key=visitor.key,
            keep_alive_s=keep_alive_s,
        )

    def board(self, passenger: Passenger, model: str, consumer: Consumer) -> Trip:
        """A trip for it, not started yet."""
        envelope, route = passenger.envelope, passenger.route
        speech = passenger.speech
        keep_alive_s = None if speech is None else speech.keep_alive_s
        ask = self.ask_of(route, passenger.arrival.visitor, envelope, model, keep_alive_s)
        # Views into the body, which may be large.
        envelope.messages, envelope.prompt = None, msgspec.Raw()
        visit = Visit(
            surface=route.surface,
            operation=route.operation,
            path=passenger.arrival.path,
            client=passenger.arrival.client,
            key=passenger.arrival.visitor.key,
            stream=ask.stream,
            bytes_in=passenger.size_bytes,
        )

        def dispatch(upstream: Upstream) -> Dispatch:
            return self._dispatch(passenger, upstream)

        return self.journeys.trip(ask, dispatch, visit, consumer)

    def words_while_waiting(
        self, passenger: Passenger, progress: Progress, wall_ms: int
    ) -> bytes | None:
        """What its client is told meanwhile; None: nothing."""
        envelope = passenger.envelope
        if not self.settings.loading_text or not envelope.stream or progress.phase == "queued":
            return None
        return waiting_event(passenger.route, envelope.model or "", progress, wall_ms)

    def refused(self, arrival: Arrival, size_bytes: int, error: GatewayError) -> None:
        """Have it listed that a request got no further than the door."""
        route = arrival.route
        visit = Visit(
            surface=arrival.surface,
            operation=operation_of(arrival.path) if route is None else route.operation,
            path=arrival.path,
            client=arrival.client,
            key=arrival.visitor.key,
            bytes_in=size_bytes,
        )
        self.journeys.refusals.note(visit, None, error)

    def strips_usage(self, passenger: Passenger, upstream: Upstream) -> bool:
        """The last chunk is there only because we asked for it."""
        envelope = passenger.envelope
        return self._asks_usage(passenger, upstream) and not envelope.wants_usage

    def _asks_usage(self, passenger: Passenger, upstream: Upstream) -> bool:
        return (
            bool(passenger.envelope.stream)
            and passenger.route.operation in _STREAMED_USAGE
            and upstream.kind not in _COUNTS_ITSELF
        )

    def _dispatch(self, passenger: Passenger, upstream: Upstream) -> Dispatch:
        route = passenger.route
        if route.kinds is not None and upstream.kind not in route.kinds:
            raise NoUpstream(upstream.model, f"{upstream.kind} does not know {route.path}")
        path = route.path + (f"?{passenger.arrival.query}" if passenger.arrival.query else "")
        body = passenger.body
        if passenger.speech is not None:
            text = passenger.speech.request(upstream)
            return Dispatch("POST", path, passenger.arrival.lines, text)
        if passenger.arrival.method == "GET":
            return Dispatch("GET", path, passenger.arrival.lines)
        add_usage = self._asks_usage(passenger, upstream)
        changes = edits(passenger.envelope, upstream.model, add_usage=add_usage)
        if isinstance(body, bytes):
            text = edited(body, changes) if changes else body
            return Dispatch("POST", path, passenger.arrival.lines, text)
        return Dispatch("POST", path, passenger.arrival.lines, body.with_fields(changes))
