"""Models that are made of others: a system prompt and settings of one's own, under a name."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from llama_runner_pro.endpoints.spec import Name

LONGEST_TEXT = 100_000
DERIVED_MAX_BYTES = 1_000_000
"""All of them together, as JSON: clients may add some without the access token."""
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]


class TurnSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One turn that every conversation begins with."""

    role: Literal["system", "user", "assistant"]
    content: Text


class DerivedModelSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What Ollama's `create` makes of a model that is here."""

    name: Name
    base: Name
    """The model it is made of; never a derived one itself."""
    system: Text | None = None
    """Used unless a conversation brings a system prompt."""
    parameters: dict[str, str | int | float | bool] = {}
    """Ollama's options, used unless a request says otherwise: `{"temperature": 0.2}`."""
    stop: tuple[Annotated[str, Meta(min_length=1, max_length=1_000)], ...] = ()
    """Texts that end an answer."""
    messages: tuple[TurnSpec, ...] = ()
    """Turns that every chat begins with."""
    license: Text | None = None
