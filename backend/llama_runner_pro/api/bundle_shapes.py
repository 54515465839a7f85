"""Shapes of diagnostics bundles over REST. One bundle itself is `diagnostics.store.Bundle`."""

from __future__ import annotations

from msgspec import Struct

from llama_runner_pro.supervision.diagnostics.store import Bundle


class Bundles(Struct, frozen=True, kw_only=True):
    """`GET /api/bundles`, newest first."""

    debug_mode: bool
    """While it is on, every incident gets a bundle."""
    bundles: list[Bundle]
