"""Single models within foreign servers are loaded and unloaded in each family's own words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock, settle
from fakes.hosts import FakeLmStudio, FakeOllama, FakeRouter, Host
from fakes.servers import FakeServers
from fakes.supervisor import view

from llama_runner_pro.core.errors import LoadFailed
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.facts import Facts, Offer
from llama_runner_pro.gateway.guest import Guest
from llama_runner_pro.gateway.hosting import Hosting
from llama_runner_pro.gateway.standing import Standing

if TYPE_CHECKING:
    from llama_runner_pro.gateway.facts import Operation


class Room:
    """A guest `m` of one server."""

    def __init__(self, kind: str, host: Host | None, operation: Operation = "llm") -> None:
        seen = view("s", State.ONLINE, kind=kind, url="http://127.0.0.1:9/v1")
        self.clock = FakeClock()
        self.hosting = Hosting(FakeServers(seen), host, self.clock)
        self.guest = Guest(Standing(seen), Offer("m", Facts(operation=operation)))

    async def load(self, keep_s: float | None = None) -> None:
        await self.hosting.load(self.guest, keep_s, 60)

    async def unload(self) -> None:
        await self.hosting.unload(self.guest)


FAMILIES = [("ollama", FakeOllama), ("lmstudio", FakeLmStudio), ("llamacpp", FakeRouter)]
each = pytest.mark.parametrize(("kind", "family"), FAMILIES)


@each
async def test_a_model_is_loaded_and_unloaded(kind: str, family: type[Host]) -> None:
    host = family("m")
    room = Room(kind, host)
    await room.load()
    assert host.loaded == ["m"]
    await room.unload()
    assert host.loaded == []


@each
async def test_one_that_stays_is_told_in_the_end(kind: str, family: type[Host]) -> None:
    host = family("m")
    host.stuck.add("m")
    room = Room(kind, host)
    await room.load()
    unloading = asyncio.create_task(room.unload())
    for _ in range(110):
        await settle()
        await room.clock.advance(0.3)
    with pytest.raises(LoadFailed, match="s keeps m loaded"):
        await unloading


@each
async def test_why_a_load_failed_is_passed_on(kind: str, family: type[Host]) -> None:
    host = family("m")
    host.fails["m"] = "cudaMalloc failed"
    room = Room(kind, host)
    with pytest.raises(LoadFailed, match=r"s could not load m|s: cudaMalloc failed"):
        await room.load()


@each
async def test_a_server_that_is_gone_is_said_to_be(kind: str, family: type[Host]) -> None:
    host = family("m")
    host.down = True
    with pytest.raises(LoadFailed, match="s: nobody listens"):
        await Room(kind, host).load()
    with pytest.raises(LoadFailed, match="s: nobody listens"):
        await Room(kind, host).unload()


async def test_without_a_way_to_ask_nothing_is_pretended() -> None:
    with pytest.raises(LoadFailed, match="cannot be asked"):
        await Room("ollama", None).load()


class TestOllama:
    async def test_it_is_told_how_long_the_model_stays(self) -> None:
        host = FakeOllama("m")
        await Room("ollama", host).load(90)
        await Room("ollama", host).load(-5)
        assert [told["keep_alive"] for _, told in host.asked] == [90, -1]

    async def test_a_model_that_only_embeds_is_loaded_by_embedding_nothing(self) -> None:
        host = FakeOllama("m")
        await Room("ollama", host, "embedding").load()
        path, told = host.asked[0]
        assert (path, told["input"]) == ("/api/embed", [])


class TestLmStudio:
    async def test_a_loaded_model_gets_no_second_instance(self) -> None:
        host = FakeLmStudio("m")
        host.loaded = ["m"]
        await Room("lmstudio", host).load()
        assert host.asked == []

    async def test_one_that_is_too_old_is_named_so(self) -> None:
        host = FakeLmStudio("m")
        host.old = True
        with pytest.raises(LoadFailed, match=r"from 0\.4 on"):
            await Room("lmstudio", host).load()


class TestRouter:
    async def test_it_is_waited_for_until_the_model_is_there(self) -> None:
        host = FakeRouter("m")
        host._load = lambda _: None  # type: ignore[method-assign]
        room = Room("llamacpp", host)
        loading = asyncio.create_task(room.load())
        await settle()
        assert not loading.done()
        host.loaded = ["m"]
        await room.clock.advance(0.4)
        await loading

    async def test_but_not_for_ever(self) -> None:
        host = FakeRouter("m")
        host._load = lambda _: None  # type: ignore[method-assign]
        room = Room("llamacpp", host)
        loading = asyncio.create_task(room.load())
        for _ in range(220):
            await settle()
            await room.clock.advance(0.3)
        with pytest.raises(LoadFailed, match="within 60 s"):
            await loading
