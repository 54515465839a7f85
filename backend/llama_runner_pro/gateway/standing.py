"""How each server stands, as far as letting requests to it is concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import MEANING, SERVING, State
from llama_runner_pro.gateway.place import Place
from llama_runner_pro.gateway.ports import Upstream
from llama_runner_pro.transport.origin import parse_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.gateway.guest import Guest
    from llama_runner_pro.gateway.routing import Phase

_COMING = frozenset({State.STARTING, State.LOADING, State.HEALING, State.BACKOFF, State.STOPPING})


class Standing(Place):
    """One server. Written by the admission alone."""

    def __init__(self, view: EndpointView) -> None:
        super().__init__()
        self.view = view
        self.completes: bool | None = None
        """What the supervisor was told of its requests last; None: nothing yet."""
        self.doubted = False
        """Nobody answered there, and nothing has been heard of it since."""
        self.guests: dict[str, Guest] = {}
        """Models within it that come and go by themselves, as it calls them."""
        self.upstreams: dict[str, Upstream] = {}
        """How it is dialled for each of its models, as far as anybody asked."""

    @property
    def name(self) -> str:
        """The endpoint's."""
        return self.view.name

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
            self.upstreams.clear()
        if view.incarnation != before.incarnation:
            self.upstreams.clear()
            self.doubted = False
        if view.state not in SERVING:
            self.serving_since_s = None
            for guest in self.guests.values():
                guest.left()
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

    def upstream(self, model: str, headers: Mapping[str, str]) -> Upstream:
        """How it is dialled for that model. Raises `ValueError` for a URL that cannot be."""
        known = self.upstreams.get(model)
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
        self.upstreams[model] = made
        return made


def card_words(view: EndpointView) -> str:
    """What its card says: why, and what to do about it."""
    why = view.reason or MEANING[view.state]
    return f"{why.removesuffix('.')}. {view.hint[0].upper()}{view.hint[1:]}" if view.hint else why
