"""One model within a server of several, such as Ollama: it comes and goes without its server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.gateway.place import Place

if TYPE_CHECKING:
    from llama_runner_pro.gateway.facts import Offer
    from llama_runner_pro.gateway.routing import Phase
    from llama_runner_pro.gateway.standing import Standing


class Guest(Place):
    """Written by the admission alone."""

    def __init__(self, host: Standing, offer: Offer) -> None:
        super().__init__()
        self.host, self.offer = host, offer
        self.is_in = False
        """As far as we know, its server holds it in memory."""
        self.is_confirmed = False
        """This sidecar has heard its server tell of it."""
        self.memory_bytes: int | None = None
        self.gpu_memory_bytes: int | None = None
        """What it held when it was in memory last; None: nobody told."""

    @property
    def model(self) -> str:
        """As its server calls it."""
        return self.offer.model

    @property
    def name(self) -> str:
        """The model and where it is."""
        return f"{self.offer.model} on {self.host.name}"

    @property
    def serving(self) -> bool:
        """Its server would answer at once."""
        return self.is_in and self.host.serving and not self.leaving

    @property
    def running(self) -> bool:
        """It holds memory, or will in a moment."""
        return self.loading or (self.is_in and self.host.serving)

    def phase(self) -> Phase:
        """In the words of routing, given that its server is ready."""
        if self.leaving:
            return "loadable"
        if self.is_in:
            return "coming" if self.draining else "ready"
        return "coming" if self.loading else "loadable"

    def words(self) -> str:
        """Why it is not ready."""
        return self.failure or "it is not in memory"

    def told(self, offer: Offer, now_s: float) -> None:
        """Its server listed it."""
        self.offer, facts = offer, offer.facts
        if facts.held_bytes is not None or facts.held_gpu_bytes is not None:
            self.memory_bytes, self.gpu_memory_bytes = facts.held_bytes, facts.held_gpu_bytes
        if not self.loading and not self.leaving and facts.loaded is not None:
            self.came(now_s) if facts.loaded else self.left()

    def came(self, now_s: float) -> None:
        """It is in memory."""
        if not self.is_in:
            self.is_in, self.serving_since_s = True, now_s
            self.loaded()

    def left(self) -> None:
        """It is in memory no more."""
        self.is_in, self.draining, self.serving_since_s = False, False, None
