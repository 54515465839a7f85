"""Model servers with their answers, a computer full of them, and a finished discovery."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded, ProtocolBroken
from llama_runner_pro.supervision.discovery.answers import FURTHER, HEALTH, OPENING, Answer, Answers
from llama_runner_pro.supervision.discovery.findings import (
    Discovery,
    FoundServer,
    InstalledProgram,
    PartOf,
)
from llama_runner_pro.transport.client import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.core.clock import Clock

FOLDER = Path(__file__).parents[1] / "fixtures" / "discovery"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
STRANGERS = [name for name in NAMES if name.startswith("stranger_")]
SERVERS = [name for name in NAMES if name not in STRANGERS]


@dataclass(frozen=True)
class Recorded:
    """What one server answers, and as what it is to be recognised."""

    name: str
    port: int
    program: str | None
    expect: dict[str, Any] | None
    by_path: dict[str, Answer]
    otherwise: Answer
    source: str
    """Recorded from which program, or written after what."""

    def answer(self, path: str) -> Answer:
        """To any address."""
        return self.by_path.get(path, self.otherwise)

    def answers(self) -> Answers:
        """To all questions."""
        return Answers({path: self.answer(path) for path in (*OPENING, *FURTHER, HEALTH)})


def recorded(name: str) -> Recorded:
    """One of the recorded servers."""
    document = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return Recorded(
        name,
        document["port"],
        document["program"],
        document["expect"],
        {path: _answer(answer) for path, answer in document["answers"].items()},
        _answer(document["otherwise"]),
        document["source"],
    )


def _answer(document: dict[str, Any]) -> Answer:
    text = json.dumps(document["json"]) if "json" in document else document["text"]
    return Answer(document["status"], document["headers"], text.encode())


@dataclass
class FakeNetwork:
    """Recorded servers behind ports; satisfies `probes.http.Http`.

    A port in `silent` accepts and says nothing, one in `foreign` speaks another protocol, and
    on any other nobody listens.
    """

    clock: Clock
    servers: Mapping[int, Recorded]
    silent: frozenset[int] = frozenset()
    foreign: frozenset[int] = frozenset()
    delay_s: float = 0.0
    asked: list[tuple[int, str]] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    headers: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

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
        assert (method, body) == ("GET", b"")
        parts = urlsplit(url)
        port = parts.port or 80
        self.asked.append((port, parts.path))
        self.hosts.add(parts.hostname or "")
        self.headers.append(dict(headers or {}))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._exchange(port, parts.path, deadline_s)
        finally:
            self.at_once -= 1

    async def _exchange(self, port: int, path: str, deadline_s: float) -> Response:
        await asyncio.sleep(0)
        if port in self.silent or self.delay_s > deadline_s:
            await self.clock.sleep(deadline_s)
            raise DeadlineExceeded("too late")
        if port in self.foreign:
            raise ProtocolBroken("the answer is not HTTP")
        if port not in self.servers:
            raise ConnectRefused("nobody listens")
        if self.delay_s:
            await self.clock.sleep(self.delay_s)
        answer = self.servers[port].answer(path)
        return Response(answer.status, dict(answer.headers), answer.body, 1.0)

    def paths(self, port: int) -> list[str]:
        """What one port was asked."""
        return [path for asked, path in self.asked if asked == port]


def found(product: str, port: int, **more: Any) -> FoundServer:
    """One found server with plain values."""
    usual: dict[str, Any] = {
        "product": product,
        "label": product,
        "kind": "openai",
        "url": f"http://127.0.0.1:{port}",
        "port": port,
        "confidence": "certain",
        "evidence": ("it says so",),
        "models": (),
        "loading": False,
        "needs_key": False,
        "pid": 4000,
        "program": product,
        "configured_as": None,
        "part_of": None,
        "proposal": {"name": product, "kind": "openai", "url": f"http://127.0.0.1:{port}"},
        "note": None,
    }
    return FoundServer(**{**usual, **more})


OLLAMA = found(
    "ollama",
    11434,
    label="Ollama",
    kind="ollama",
    models=("llama3.1:8b", "qwen2.5-coder:7b"),
    pid=812,
    proposal={"name": "ollama", "kind": "ollama", "url": "http://127.0.0.1:11434"},
)
OLLAMAS_CHILD = found(
    "llamacpp",
    40213,
    label="llama.cpp server",
    kind="llamacpp",
    pid=9120,
    program="llama-server",
    part_of=PartOf(product="ollama", label="Ollama", pid=812, url="http://127.0.0.1:11434"),
    proposal=None,
    note="It belongs to Ollama (pid 812), which starts and stops it.",
)
LLAMA_SERVER = InstalledProgram(
    product="llamacpp",
    label="llama.cpp server",
    kind="llamacpp",
    path="/usr/local/bin/llama-server",
    command=("/usr/local/bin/llama-server", "--model", "${MODEL}", "--port", "${PORT}"),
    needs=("model_path",),
    proposal={
        "name": "llamacpp",
        "kind": "llamacpp",
        "port": 8080,
        "start_command": [
            "/usr/local/bin/llama-server",
            "--model",
            "${MODEL}",
            "--port",
            "${PORT}",
        ],
    },
    note="Name the model file (.gguf) that it is to serve.",
)


def discovery(**more: Any) -> Discovery:
    """A finished discovery: Ollama with its child, and llama-server installed."""
    usual: dict[str, Any] = {
        "found": (OLLAMA, OLLAMAS_CHILD),
        "installed": (LLAMA_SERVER,),
        "took_ms": 212.5,
        "complete": True,
    }
    return Discovery(**{**usual, **more})


@dataclass
class FakeDiscovery:
    """Satisfies `api.ports.Discovering`."""

    result: Discovery = field(default_factory=discovery)
    scans: int = 0

    async def scan(self) -> Discovery:
        """The result, at once."""
        self.scans += 1
        return self.result
