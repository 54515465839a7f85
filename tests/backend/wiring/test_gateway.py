"""The whole gateway on real sockets, with a supervisor that is faked."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from fakes.raw_upstream import raw_upstream
from fakes.servers import FakeGauge, FakeServers
from fakes.supervisor import view

from llama_runner_pro.config.gateway import (
    CaptureSpec,
    GatewaySpec,
    KeySpec,
    OllamaDoorSpec,
    OpenAiDoorSpec,
)
from llama_runner_pro.config.model import Config
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.errors import ModelNotFound, NoUpstream, Refused
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.gateway.body import SPOOL_BYTES
from llama_runner_pro.gateway.doors import Occupant
from llama_runner_pro.transport.client import HttpClient, Response
from llama_runner_pro.transport.listening import listening_socket
from llama_runner_pro.wiring.gateway import Gateway
from llama_runner_pro.wiring.memory import MemoryFile, ShelfFile
from llama_runner_pro.wiring.surroundings import Surroundings
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fakes.raw_upstream import Exchange

CHAT = {"model": "demo", "messages": [{"role": "user", "content": "Hi"}]}
ANSWER = b'{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}'


async def answering(exchange: Exchange) -> None:
    await exchange.json(ANSWER)


class House:
    """A gateway on free ports before one model server."""

    def __init__(
        self, folder: Path, upstream_port: int, *, shut: bool = False, **gateway: Any
    ) -> None:
        self.clock = SystemClock()
        self.http = HttpClient(self.clock)
        self.ports = [free_port() for _ in range(4)]
        self.amended: list[dict[str, Any]] = []
        self.added: list[dict[str, Any]] = []
        self.refuses_to_add = False
        spec = EndpointSpec(name="demo", kind="llamacpp", port=upstream_port, model="demo")
        self.config = Config(endpoints=(spec,), gateway=self.spec(**gateway))
        url = f"http://127.0.0.1:{upstream_port}"
        self.servers = FakeServers(view("demo", url=url, model="demo", kind="llamacpp"))
        around = Surroundings(
            servers=self.servers,
            gauge=FakeGauge(),
            occupant=self._occupant,
            amend=self._amend,
            add_endpoint=self._add,
            http=self.http,
            version="1.2.3",
            spool_folder=folder / "spool",
            memory=MemoryFile(folder / "learned.json"),
            shelf=ShelfFile(folder / "models.json"),
        )
        self.gateway = Gateway(self.config, around, self.clock, shut=shut)

    def spec(self, **more: Any) -> GatewaySpec:
        one, other_one, two, other_two = self.ports
        doors = {
            "openai": OpenAiDoorSpec(port=one, alternative_port=other_one),
            "ollama": OllamaDoorSpec(port=two, alternative_port=other_two),
        }
        return GatewaySpec(**{**doors, **more})

    async def _occupant(self, port: int) -> Occupant | None:
        return Occupant("Ollama, ollama (pid 42)", "ollama")

    async def _amend(self, changes: dict[str, Any]) -> None:
        self.amended.append(changes)

    async def _add(self, entry: dict[str, Any]) -> None:
        if self.refuses_to_add:
            raise Refused("the file cannot be written")
        self.added.append(entry)

    async def ask(self, path: str, body: Any = None, **headers: str) -> Response:
        """One request to the OpenAI door."""
        sent = b"" if body is None else json.dumps(body).encode()
        return await self.http.request(
            "GET" if body is None else "POST",
            f"http://127.0.0.1:{self.ports[0]}{path}",
            deadline_s=10,
            headers={"content-type": "application/json", **headers},
            body=sent,
        )


@asynccontextmanager
async def running(folder: Path, **gateway: Any) -> AsyncIterator[House]:
    async with raw_upstream(answering) as upstream, asyncio.TaskGroup() as tasks:
        house = House(folder, upstream.port, **gateway)
        serving = tasks.create_task(house.gateway.run())
        await house.gateway.configure(house.config)
        try:
            yield house
        finally:
            await house.gateway.close()
            serving.cancel()
            await house.http.aclose()


async def test_its_own_answers_say_whose_they_are(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        for path in ("/", "/v1/models", "/api/v1/models"):
            assert (await house.ask(path)).headers["server"] == "LlamaRunner-Pro"


async def test_a_chat_goes_through_and_is_told_of_without_its_text(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        answer = await house.ask("/v1/chat/completions", CHAT)
        assert (answer.status, answer.body) == (200, ANSWER)
        (record,) = house.gateway.ended(10, lambda _: True)
        assert (record.endpoint, record.model, record.ending) == ("demo", "demo", "ok")
        assert house.gateway.running() == []
        assert house.servers.completions == [("demo", True)]
        assert house.gateway.captured() == []
        shown = house.gateway.view()
        assert [door.state for door in shown.doors] == ["open", "open"]
        assert [model.name for model in shown.models] == ["demo"]
        assert shown.traffic.ended == {"ok": 1}
        reading = await house.gateway.collector().collect(0.0)
        assert reading.values["gateway_requests_total"] == 1


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/v0/chat/completions"])
async def test_a_request_with_a_large_picture_is_served_in_a_new_data_folder(
    tmp_path: Path, path: str
) -> None:
    async with running(tmp_path / "new") as house:
        url = {"url": "data:image/png;base64," + "A" * SPOOL_BYTES}
        turn = {"role": "user", "content": [{"type": "image_url", "image_url": url}]}
        answer = await house.ask(path, {**CHAT, "messages": [turn]})
        assert answer.status == 200, answer.body


async def test_texts_are_kept_once_the_user_wants_that(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        kept = house.spec(capture=CaptureSpec(enabled=True))
        await house.gateway.configure(Config(endpoints=house.config.endpoints, gateway=kept))
        await house.ask("/v1/chat/completions", CHAT)
        (text,) = house.gateway.captured()
        assert '"Hi"' in text.request
        assert "Hello" in text.response
        house.gateway.forget_captured()
        assert house.gateway.captured() == []


async def test_a_key_that_is_set_is_needed_from_the_next_request_on(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        key = KeySpec(name="laptop", secret="correct-horse")
        await house.gateway.configure(
            Config(endpoints=house.config.endpoints, gateway=house.spec(keys=(key,)))
        )
        assert (await house.ask("/v1/models")).status == 401
        shown = await house.ask("/v1/models", **{"x-api-key": "correct-horse"})
        assert shown.status == 200
        view_ = house.gateway.view()
        assert (view_.key_required, view_.keys) == (True, ("laptop",))


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_real_server_on_our_port_becomes_an_endpoint(
    tmp_path: Path, *, refuses: bool
) -> None:
    async with running(tmp_path) as house:
        house.refuses_to_add = refuses
        with listening_socket("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            door = OllamaDoorSpec(port=port, alternative_port=house.ports[3])
            await house.gateway.configure(
                Config(endpoints=house.config.endpoints, gateway=house.spec(ollama=door))
            )
            await asyncio.sleep(0)
            (_, ollama) = house.gateway.view().doors
            assert (ollama.state, ollama.holder_kind) == ("moved", "ollama")
            entry = {"name": "ollama", "kind": "ollama", "url": f"http://127.0.0.1:{port}"}
            assert house.added == ([] if refuses else [entry])
        assert (await house.gateway.reopen("ollama")).state == "open"


async def test_a_real_server_is_left_alone_when_the_user_wants_that(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        with listening_socket("127.0.0.1", 0) as taken:
            door = OllamaDoorSpec(
                port=taken.getsockname()[1],
                alternative_port=house.ports[3],
                watch_holder=False,
            )
            await house.gateway.configure(
                Config(endpoints=house.config.endpoints, gateway=house.spec(ollama=door))
            )
            await asyncio.sleep(0)
            assert house.added == []


async def test_breakers_are_set_by_hand_once_there_is_one(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        news: list[object] = []
        house.gateway.topic.listen(news.append)
        with pytest.raises(NoUpstream, match="no breaker"):
            house.gateway.set_breaker("demo", "demo", "open")
        await house.ask("/v1/chat/completions", CHAT)
        opened = house.gateway.set_breaker("demo", "demo", "open")
        assert (opened.state, opened.forced) == ("open", True)
        assert news[-1] == opened
        assert house.gateway.set_breaker("demo", "demo", "reset").state == "closed"


async def test_an_origin_is_added_to_those_that_are_allowed_once(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        await house.gateway.allow_origin("https://chat.example")
        (changes,) = house.amended
        assert changes["origins"][-1] == "https://chat.example"
        assert "http://localhost" in changes["origins"]
        await house.gateway.allow_origin("http://localhost")
        assert len(house.amended) == 1


async def test_a_model_that_does_not_exist_cannot_be_loaded(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        assert (await house.gateway.load("demo")).state == "loaded"
        with pytest.raises(ModelNotFound):
            await house.gateway.unload("gone")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"auth": "none", "host": "0.0.0.0"}, "Every computer"),
        ({"auth": "none", "keys": (KeySpec(name="a", secret="12345678"),)}, "lets everybody in"),
    ],
)
async def test_risky_settings_are_said_plainly(tmp_path: Path, more: Any, word: str) -> None:
    house = House(tmp_path, 1, **more)
    (warning,) = house.gateway.view().warnings
    assert word in warning


async def test_shut_doors_stay_shut(tmp_path: Path) -> None:
    async with running(tmp_path, shut=True) as house:
        shown = house.gateway.view()
        assert not shown.enabled
        assert [door.state for door in shown.doors] == ["off", "off"]
