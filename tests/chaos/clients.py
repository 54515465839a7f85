"""Clients that stream chats through the gateway all along, and judge how each one ends."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.world import World

DEADLINE_S = 60.0
"""Longer than any repair: a request waits through it."""
WORDS = 12
IMPATIENT = 0.2
"""Of all requests, those whose client leaves in the middle."""
REFUSALS = frozenset({429, 500, 502, 503, 504})
_SHAPES = (
    ("openai", "/v1/chat/completions"),
    ("ollama", "/v1/chat/completions"),
    ("ollama", "/api/chat"),
    ("openai", "/v1/responses"),
)
_LAST = frozenset({"response.completed", "response.incomplete"})
_FAILED = frozenset({"error", "response.failed"})


class Clients:
    """Some threads, each with one request after the other; see `wrong` when they have ended."""

    def __init__(self, world: World, count: int, seed: int) -> None:
        self._world = world
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed + n),), daemon=True)
            for n in range(count)
        ]
        self.wrong: list[str] = []
        self.ended: dict[str, int] = {}

    def __enter__(self) -> Clients:
        """Start asking."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ask nothing more, and wait for what is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join(DEADLINE_S + 15)
            if thread.is_alive():
                self.wrong.append("a client still waits for the end of its request")

    def _run(self, rng: random.Random) -> None:
        while not self._stop.wait(rng.uniform(0.02, 0.3)):
            if not self._world.sidecar_up:
                continue
            door, path = rng.choice(_SHAPES)
            model = rng.choice(self._world.endpoints).name
            leaves_after = rng.randint(0, 4) if rng.random() < IMPATIENT else None
            life = self._world.lives
            begun = time.monotonic()
            word = ask(self._world.doors[door], path, model, leaves_after)
            took_s = time.monotonic() - begun
            if not self._world.sidecar_up or self._world.lives != life:
                word = "sidecar killed"
            if word.startswith("WRONG"):
                self.wrong.append(f"{path} at {door} for {model} after {took_s:.1f} s: {word[6:]}")
                word = "wrong"
            self.ended[word] = self.ended.get(word, 0) + 1


def ask(port: int, path: str, model: str, leaves_after: int | None) -> str:
    """One streamed chat; how it ended in a word, or `WRONG` and what was."""
    asked = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": WORDS}
    if path == "/v1/responses":
        asked = {"input": "Hi", "max_output_tokens": WORDS}
    body = {"model": model, "stream": True, **asked}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        headers = {"content-type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            return _refused(answer.status, answer.read())
        return _end_of(answer, path, leaves_after)
    except TimeoutError:
        return f"WRONG silent for {DEADLINE_S:g} s"
    except ConnectionRefusedError:
        return "WRONG the door is shut"
    except (OSError, http.client.HTTPException) as error:
        return f"WRONG closed without an answer: {error!r}"
    finally:
        connection.close()


def _refused(status: int, body: bytes) -> str:
    try:
        told = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return f"WRONG status {status} without an error in JSON: {body[:200]!r}"
    if status not in REFUSALS:
        return f"WRONG status {status}: {told}"
    return f"refused with {status}"


def _end_of(answer: http.client.HTTPResponse, path: str, leaves_after: int | None) -> str:
    """Read a stream to its end; it must say that it is one."""
    last: object = None
    for number, (name, event) in enumerate(_events(answer)):
        if leaves_after is not None and number >= leaves_after:
            return "left by the client"
        if event == "[DONE]" or name in _LAST:
            return "answered"
        last = json.loads(event)
        if isinstance(last, dict) and (name in _FAILED or "error" in last):
            return "error in the stream"
        if path == "/api/chat" and isinstance(last, dict) and last.get("done") is True:
            return "answered"
    return f"WRONG the stream ended without saying so, after {last!r}"


def _events(answer: http.client.HTTPResponse) -> Iterator[tuple[str | None, str]]:
    """Name and text of each event of a stream, or of each line of NDJSON."""
    name = None
    for raw in answer:
        line = raw.decode().strip()
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            yield name, line.removeprefix("data:").strip()
            name = None
        elif line.startswith("{"):
            yield None, line
