"""Requests that wait: for a slot, a server, or a trial. First come, first served, per model."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from llama_runner_pro.config.gateway_rules import name_key
from llama_runner_pro.core.errors import GatewayError, NotReady, Saturated
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.gateway.ports import Progress
from llama_runner_pro.gateway.routing import Go, Hold, Load
from llama_runner_pro.resilience.bulkhead import Line, retry_after_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.catalog import Entry, Route
    from llama_runner_pro.gateway.fleet import Fleet
    from llama_runner_pro.gateway.grant import Grant
    from llama_runner_pro.gateway.ports import Ask
    from llama_runner_pro.resilience.bulkhead import Ticket

_RETRY_LOADING_S = 10.0


class Wish(ValueObject, frozen=True):
    """A server, or a model within one, that somebody waits for and that must be loaded."""

    place: str
    priority: int
    since_s: float


class Waiter:
    """One request that waits. Its time is counted apart: for its turn, and for the model."""

    def __init__(self, entry: Entry, ask: Ask, now_s: float) -> None:
        self.entry, self.ask, self.joined_s = entry, ask, now_s
        self.line = name_key(entry.name)
        self.future: asyncio.Future[Grant] = asyncio.get_running_loop().create_future()
        self.ticket: Ticket[Waiter] | None = None
        self._loading_since_s: float | None = None
        self._loaded_s = 0.0
        self._told: Progress | None = None

    def waits_for(self, what: Literal["turn", "model"], now_s: float) -> None:
        """What it waits for from now on."""
        if what == "model":
            self._loading_since_s = (
                now_s if self._loading_since_s is None else self._loading_since_s
            )
        elif self._loading_since_s is not None:
            self._loaded_s += now_s - self._loading_since_s
            self._loading_since_s = None

    def load_s(self, now_s: float) -> float:
        """Time spent waiting for the model to load."""
        since = self._loading_since_s
        return self._loaded_s + (0.0 if since is None else now_s - since)

    def queue_s(self, now_s: float) -> float:
        """Time spent waiting for its turn."""
        return now_s - self.joined_s - self.load_s(now_s)

    def tell(self, progress: Progress) -> None:
        """Let the client know, if there is something new."""
        if self.ask.progress is not None and progress != self._told:
            self._told = progress
            self.ask.progress(progress)


class Waiting:
    """All lines. `serve` must be called whenever something changed that somebody waits for."""

    def __init__(
        self, fleet: Fleet, clock: Clock, describe: Callable[[str], Progress | None]
    ) -> None:
        """`describe` tells what is being done for an endpoint that is on its way."""
        self._fleet, self._clock, self._describe = fleet, clock, describe
        self.lines: dict[str, Line[Waiter]] = {}
        """By model; those in which somebody waits, and for a moment others."""
        self.wishes: list[Wish] = []
        """Servers to be started, those who waited longest first; renewed by `serve`."""
        self.look_again_s = math.inf
        """When `serve` must be called though nothing happened."""

    def __len__(self) -> int:
        """How many wait."""
        # Asked at the end of every request, and nearly always nobody has ever waited.
        return sum(len(line) for line in self.lines.values()) if self.lines else 0

    def waits_for(self, entry: Entry) -> int:
        """How many wait for a model."""
        if not self.lines:
            return 0
        line = self.lines.get(name_key(entry.name))
        return 0 if line is None else len(line)

    def wanted(self, name: str) -> bool:
        """Somebody waits who could be served at the place of that name."""
        return any(
            route.endpoint == name or self._name_of(route) == name
            for line in self.lines.values()
            for ticket in line
            for route in ticket.holder.entry.routes
        )

    def _name_of(self, route: Route) -> str:
        place = self._fleet.place_of(route)
        return route.endpoint if place is None else place.name

    def join(self, entry: Entry, ask: Ask) -> Waiter:
        """Begin to wait. Raises `Saturated` when too many do already."""
        limit, now_s = self._fleet.terms.gateway.queue, self._clock.monotonic()
        waiter = Waiter(entry, ask, now_s)
        line = self.lines.setdefault(waiter.line, Line(limit))
        line.limit = limit
        waiter.ticket = line.join(waiter, priority=ask.priority, now_s=now_s)
        if waiter.ticket is None:
            slots = self._fleet.slots(entry, entry.routes[0])
            retry_s = retry_after_s(len(line), slots.capacity, slots.held_s)
            raise Saturated(f"{limit} requests wait for {entry.name} already", retry_s)
        return waiter

    def abandon(self, waiter: Waiter) -> None:
        """Its client went away, whether it was served meanwhile or not."""
        self._leave(waiter)
        done = waiter.future.done() and not waiter.future.cancelled()
        if done and waiter.future.exception() is None:
            waiter.future.result().end("never_started")

    def serve(self) -> None:
        """Hand out what can be had, answer those for whom waiting is useless."""
        self.wishes, self.look_again_s = [], math.inf
        for line in list(self.lines.values()):
            self._serve(line)
        self.wishes.sort(key=lambda wish: (-wish.priority, wish.since_s))
        for key in [key for key, line in self.lines.items() if not len(line)]:
            del self.lines[key]

    def _serve(self, line: Line[Waiter]) -> None:
        blocked: Hold | Load | None = None
        for ticket in line:
            waiter = ticket.holder
            choice = self._choice(waiter) if blocked is None or waiter.ask.avoid else blocked
            if isinstance(choice, GatewayError):
                self._refuse(waiter, choice)
            elif isinstance(choice, Go):
                self._grant(waiter, choice.index)
            elif not self._overdue(waiter, choice):
                blocked = choice if blocked is None and not waiter.ask.avoid else blocked
                self._keep(waiter, choice)

    def _choice(self, waiter: Waiter) -> Go | Hold | Load | GatewayError:
        if waiter.future.done():
            self._leave(waiter)
            return Hold("slot")
        # Its servers may have changed since it came.
        if waiter.ask.endpoint is None:
            waiter.entry = self._fleet.terms.catalog.find(waiter.ask.model) or waiter.entry
        return self._fleet.choose(waiter.entry, waiter.ask)

    def _grant(self, waiter: Waiter, index: int) -> None:
        now_s = self._clock.monotonic()
        grant = self._fleet.grant(waiter.entry, index, waiter.ask)
        grant.load_ms = waiter.load_s(now_s) * 1000
        grant.queue_ms = waiter.queue_s(now_s) * 1000
        self._leave(waiter)
        waiter.future.set_result(grant)

    def _refuse(self, waiter: Waiter, error: GatewayError) -> None:
        self._leave(waiter)
        if not waiter.future.done():
            waiter.future.set_exception(error)

    def _leave(self, waiter: Waiter) -> None:
        line = self.lines.get(waiter.line)
        if line is not None and waiter.ticket is not None:
            line.leave(waiter.ticket)

    def _overdue(self, waiter: Waiter, choice: Hold | Load) -> bool:
        """Count its time; answer it when that is over."""
        gateway, now_s = self._fleet.terms.gateway, self._clock.monotonic()
        for_model = isinstance(choice, Load) or choice.wanted == "server"
        waiter.waits_for("model" if for_model else "turn", now_s)
        # Loads have a deadline of their own; this one is for servers that come up by themselves.
        load_left_s = gateway.load_timeout_s - waiter.load_s(now_s)
        queue_left_s = gateway.queue_timeout_s - waiter.queue_s(now_s)
        left_s = load_left_s if for_model else queue_left_s
        if left_s > 0:
            retry_s = choice.retry_s if isinstance(choice, Hold) else None
            times = [left_s + now_s] if retry_s is None else [left_s + now_s, retry_s]
            self.look_again_s = min(self.look_again_s, *times)
            return False
        what = "load" if for_model else "get its turn"
        limit_s = gateway.load_timeout_s if for_model else gateway.queue_timeout_s
        words = f"{waiter.entry.name} did not {what} within {limit_s:g} s"
        self._refuse(waiter, NotReady(words, _RETRY_LOADING_S))
        return True

    def _keep(self, waiter: Waiter, choice: Hold | Load) -> None:
        """Nothing yet: say what it waits for."""
        ticket = waiter.ticket
        line = self.lines.get(waiter.line)
        if ticket is None or line is None or waiter.future.done():
            return
        position = line.position(ticket)
        if isinstance(choice, Load):
            place = self._fleet.place_of(waiter.entry.routes[choice.index])
            if place is not None and not any(wish.place == place.name for wish in self.wishes):
                self.wishes.append(Wish(place.name, ticket.priority, ticket.joined_s))
        if waiter.ask.progress is not None:
            waiter.tell(self._progress(waiter.entry, choice, position))

    def _progress(self, entry: Entry, choice: Hold | Load, position: int | None) -> Progress:
        if isinstance(choice, Load) or choice.wanted == "server":
            for route in entry.routes:
                told = self._describe(self._name_of(route))
                if told is not None:
                    return replace(told, position=position)
            return Progress(phase="loading", text=f"waiting for {entry.name}", position=position)
        ahead = (position or 1) - 1
        text = "waiting for a free slot" if not ahead else f"{ahead} requests are before this one"
        if choice.wanted == "trial":
            text = f"{entry.name} failed several times; it is tried again in a moment"
        return Progress(phase="queued", text=text, position=position)
