"""A model server in memory, asked through the interface of `transport.client.HttpClient`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llama_runner_pro.transport.client import Response

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    url: str
    deadline_s: float
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class FakeUpstream:
    """Answers every request alike, or fails every request alike; remembers what was asked."""

    status: int = 200
    body: bytes = b""
    error: Exception | None = None
    elapsed_ms: float = 3.0
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

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
        """One exchange."""
        self.asked.append(Asked(method, url, deadline_s, dict(headers or {}), body))
        if self.error is not None:
            raise self.error
        return Response(self.status, dict(self.headers), self.body, self.elapsed_ms)
