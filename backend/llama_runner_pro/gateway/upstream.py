"""Kept-alive connections to model servers."""

from __future__ import annotations


class Upstreams:
    """Pool of streaming connections per origin."""
