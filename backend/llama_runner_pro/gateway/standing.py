"""How each server stands, as far as letting requests to it is concerned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import MEANING, SERVING, State
from llama_runner_pro.gateway.ports import Upstream
from llama_runner_pro.resilience.backoff import delay_s
from llama_runner_pro.transport.origin import parse_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.gateway.routing import Phase

COOLING_S, COOLING_MAX_S = 10.0, 300.0
_COMING = frozenset({State.STARTING, State.LOADING, State.HEALING, State.BACKOFF, State.STOPPING})


class Standing:
    """One server. Written by the admission alone."""

    def __init__(self, view: EndpointView) -> None:
        self.view = view
        self.in_flight = 0
        self.last_used_s = -math.inf
        self.doubted = False
        """Nobody answered there, and nothing has been heard of it since."""
        self.loading = False
        """We have begun to load it, or to make room for it."""
        self.leaving = False
        """It is about to be unloaded: nothing new goes there."""
        self.draining = False
        """It must become idle, because somebody waits for its place."""
        self.keep_s: float | None = None
        """How long it stays after its last request; None: for ever."""
        self.serving_since_s: float | None = None
        self.failures = 0
        self.cooling_until_s = -math.inf
        self.failure: str | None = None
        self._upstreams: dict[str, Upstream] = {}

    @property
    def serving(self) -> bool:
        """It answers requests, and may get more."""
        return self.view.state in SERVING and not self.leaving

    @property
    def running(self) -> bool:
        """It holds memory, or will in a moment."""
        state = self.view.state
        return state in SERVING or state in _COMING or self.loading

    def phase(self) -> Phase:
        """In the words of routing."""
        state = self.view.state
        if self.leaving:
            return "loadable"
        if state in SERVING:
            return "coming" if self.draining else "ready"
        if state is State.DISABLED:
            return "down"
        if self.loading or state in _COMING or self.view.waiting_for is not None:
            return "coming"
        return "loadable" if self.view.startable else "down"

    def words(self) -> str:
        """Why it is not ready."""
        view = self.view
        if view.state is State.DISABLED:
            return "it is disabled; enable it first"
        if self.failure is not None and view.startable:
            return self.failure
        return ": ".join(part for part in (MEANING[view.state], view.reason) if part)

    def seen(self, view: EndpointView, now_s: float) -> None:
        """Its state or its settings changed."""
        before, self.view = self.view, view
        if (before.url, before.kind) != (view.url, view.kind):
            self._upstreams.clear()
        if view.incarnation != before.incarnation:
            self._upstreams.clear()
            self.doubted = False
        if view.state not in SERVING:
            self.serving_since_s = None
            self.leaving = self.leaving and view.state is not State.STOPPED
        elif self.serving_since_s is None:
            self.serving_since_s = now_s
            self.draining = False
            self.loaded()
        if self.loading:
            return
        if view.state is State.FAILED and before.state is not State.FAILED:
            self.load_failed(card_words(view), now_s)
        elif view.state is State.STARTING:
            # Somebody has it started by hand.
            self.loaded()

    def loaded(self) -> None:
        """It serves: earlier failures to load it are forgiven."""
        self.failures, self.failure, self.cooling_until_s = 0, None, -math.inf

    def load_failed(self, reason: str, now_s: float) -> None:
        """It could not be loaded: not again before 10 s, 20 s … 5 min."""
        self.failures += 1
        self.failure = reason
        self.cooling_until_s = now_s + delay_s(
            self.failures, initial_s=COOLING_S, max_s=COOLING_MAX_S, jitter=0, rand=float
        )

    def upstream(self, model: str, headers: Mapping[str, str]) -> Upstream:
        """How it is dialled for that model. Raises `ValueError` for a URL that cannot be."""
        known = self._upstreams.get(model)
        if known is not None and known.headers is headers:
            return known
        origin, path = parse_url(self.view.url)
        made = Upstream(
            endpoint=self.view.name,
            kind=self.view.kind,
            origin=origin,
            base_path=path.rstrip("/").removesuffix("/v1"),
            model=model,
            headers=headers,
            incarnation=self.view.incarnation,
        )
        self._upstreams[model] = made
        return made


def card_words(view: EndpointView) -> str:
    """What its card says, in one sentence."""
    return " ".join(part for part in (view.reason or MEANING[view.state], view.hint) if part)
