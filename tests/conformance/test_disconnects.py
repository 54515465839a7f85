"""Clients that go away: in the queue, while the model loads, before the first token."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anthropic
import ollama
import openai
import pytest
from fakes.running_sidecar import RunningSidecar, free_port, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

HELD_SERVER = Path(__file__).with_name("held_server.py")
HI: Any = [{"role": "user", "content": "think for ever"}]


def asked(port: int, path: str, body: bytes | None = None) -> Any:
    """The held server's own words."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", body, timeout=60) as answer:
        return json.load(answer)


@dataclass(frozen=True, slots=True)
class Held:
    """A sidecar before two servers that think for ever; one of them is started on demand."""

    sidecar: RunningSidecar
    openai_door: str
    ollama_door: str
    ports: dict[str, int]

    def counts(self, name: str) -> dict[str, int]:
        """Chats that reached the server, and those taken back from it."""
        found: dict[str, int] = asked(self.ports[name], "/counts")
        return found

    def traffic(self) -> tuple[int, int]:
        """Under way, and how many of these wait."""
        told = self.sidecar.get("/api/gateway")["traffic"]
        return told["in_flight"], told["waiting"]

    async def comes_to(self, condition: Callable[[], Any]) -> None:
        """Wait for what other processes do, while the clients go on."""
        await asyncio.to_thread(until, condition)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    """A fresh one, so that all counts begin at nothing."""
    ports = {"ready": free_port(), "late": free_port()}
    doors = {"openai": free_port(), "ollama": free_port()}

    def endpoint(name: str, *flags: str, **more: object) -> dict[str, object]:
        command = [sys.executable, str(HELD_SERVER), "${PORT}", *flags]
        said = {"name": name, "kind": "openai", "model": name, "port": ports[name]}
        return {**said, "health_endpoint": "/health", "start_command": command, **more}

    document: dict[str, Any] = {
        "gateway": {
            door: {"port": port, "alternative_port": free_port()} for door, port in doors.items()
        },
        "endpoints": [endpoint("ready"), endpoint("late", "loading", on_demand=True)],
    }
    document["gateway"]["max_parallel"] = 1
    with RunningSidecar(tmp_path, document, gateway=True) as sidecar:
        sidecar.wait_state("ready", "online")
        bases = {door: f"http://127.0.0.1:{port}" for door, port in doors.items()}
        yield Held(sidecar, bases["openai"], bases["ollama"], ports)


@asynccontextmanager
async def chats(held: Held, package: str) -> AsyncIterator[Callable[[str], Any]]:
    """Asks for chats with a package; each goes on until it is cancelled."""
    patient: Any = {"api_key": "none", "max_retries": 0, "timeout": 400}
    if package == "ollama":
        ours = ollama.AsyncClient(host=held.ollama_door, timeout=400)
        yield lambda model: ours.chat(model=model, messages=HI)
        await ours.close()
        return
    if package == "anthropic":
        async with anthropic.AsyncAnthropic(base_url=held.openai_door, **patient) as theirs:
            yield lambda model: theirs.messages.create(
                model=model, messages=HI, max_tokens=9, stream=True
            )
        return
    async with openai.AsyncOpenAI(base_url=held.openai_door + "/v1", **patient) as client:
        yield lambda model: client.chat.completions.create(model=model, messages=HI, stream=True)


async def leave(*clients: asyncio.Task[Any]) -> None:
    """Close their connections."""
    for client in clients:
        client.cancel()
    ends = await asyncio.gather(*clients, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends


every_package = pytest.mark.parametrize("package", ["openai", "anthropic", "ollama"])


@every_package
async def test_a_client_that_leaves_before_the_first_token_ends_the_generation(
    held: Held, package: str
) -> None:
    async with chats(held, package) as chat:
        client = asyncio.create_task(chat("ready"))
        await held.comes_to(lambda: held.counts("ready")["began"] == 1)
        await held.comes_to(lambda: held.traffic() == (1, 0))
        await leave(client)
        await held.comes_to(lambda: held.counts("ready")["given_up"] == 1)
        await held.comes_to(lambda: held.traffic() == (0, 0))


@every_package
async def test_clients_that_leave_the_queue_never_reach_the_server(
    held: Held, package: str
) -> None:
    async with chats(held, package) as chat:
        first = asyncio.create_task(chat("ready"))
        await held.comes_to(lambda: held.counts("ready")["began"] == 1)
        queued = [asyncio.create_task(chat("ready")) for _ in range(3)]
        await held.comes_to(lambda: held.traffic() == (4, 3))
        await leave(*queued)
        await held.comes_to(lambda: held.traffic() == (1, 0))
        await leave(first)
        await held.comes_to(lambda: held.traffic() == (0, 0))
        await held.comes_to(lambda: held.counts("ready") == {"began": 1, "given_up": 1})
        last = asyncio.create_task(chat("ready"))
        await held.comes_to(lambda: held.counts("ready")["began"] == 2)
        await held.comes_to(lambda: held.traffic() == (1, 0))
        await leave(last)
        await held.comes_to(lambda: held.traffic() == (0, 0))


@every_package
async def test_a_client_that_leaves_while_the_model_loads_leaves_nothing_behind(
    held: Held, package: str
) -> None:
    async with chats(held, package) as chat:
        client = asyncio.create_task(chat("late"))
        await held.comes_to(lambda: held.counts("late") == {"began": 0, "given_up": 0})
        await held.comes_to(lambda: held.traffic() == (1, 1))
        await leave(client)
        await held.comes_to(lambda: held.traffic() == (0, 0))
        asked(held.ports["late"], "/opened", b"")
        await held.comes_to(lambda: held.sidecar.model("late")["state"] == "online")
        next_one = asyncio.create_task(chat("late"))
        await held.comes_to(lambda: held.counts("late") == {"began": 1, "given_up": 0})
        await held.comes_to(lambda: held.traffic() == (1, 0))
        await leave(next_one)
        await held.comes_to(lambda: held.counts("late")["given_up"] == 1)
        await held.comes_to(lambda: held.traffic() == (0, 0))
