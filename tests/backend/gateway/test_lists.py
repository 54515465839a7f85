"""Servers are asked for their models in the background, calmly; nobody who lists them waits."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from fakes.clock import settle
from fakes.servers import GatewayWorld, server

from llama_runner_pro.config.gateway import GatewaySpec
from llama_runner_pro.core.errors import ConnectRefused
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.answers import TRIAL_TOOL
from llama_runner_pro.gateway.facts import Facts
from llama_runner_pro.gateway.lists import EVERY_ONE_S, EVERY_S, TOLD_S, Examined, Lister
from llama_runner_pro.transport.client import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.spec import EndpointSpec


class Web:
    """Model servers in memory: path → answer. What is not there is a 404."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = answers
        self.asked: list[str] = []
        self.down = False
        self.gate: asyncio.Event | None = None
        """Answers wait for it."""

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
        path = "/" + url.split("/", 3)[3]
        self.asked.append(path)
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise ConnectRefused("nobody listens")
        answer = self.answers.get(path)
        if answer is None:
            return Response(404, {}, b"{}", 1.0)
        if isinstance(answer, bytes):
            return Response(200, {}, answer, 1.0)
        return Response(200, {}, json.dumps(answer).encode(), 1.0)


def web(answers: dict[str, Any]) -> Web:
    """The same from one mapping."""
    found = Web()
    found.answers = answers
    return found


def listed(*names: str) -> dict[str, Any]:
    return {"data": [{"id": name} for name in names]}


OLLAMA = {
    "/api/tags": {"models": [{"name": "m:latest", "digest": "a" * 64}]},
    "/api/ps": {"models": [{"name": "m:latest"}]},
    "/api/show": {"capabilities": ["completion", "tools"], "model_info": {}},
}


def ollama(state: State = State.ONLINE, **more: Any) -> GatewayWorld:
    spec = server("o", kind="ollama", model=None)
    return GatewayWorld(GatewaySpec(), spec, states={"o": state}, **more)


class TestAsking:
    async def test_a_ready_server_is_asked_at_once_and_then_calmly(self) -> None:
        http = web({"/v1/models": listed("x")})
        spec = server("a", kind="openai", model=None)
        async with GatewayWorld(None, spec, http=http) as world:
            assert [one.name for one in world.admit.models()] == ["x"]
            assert http.asked == ["/v1/models"]
            await world.clock.advance(EVERY_S - 1)
            assert len(http.asked) == 1
            http.answers["/v1/models"] = listed("x", "y")
            await world.clock.advance(2)
            assert [one.name for one in world.admit.models()] == ["x", "y"]

    async def test_a_server_of_one_model_is_asked_seldom(self) -> None:
        http = web({"/v1/models": listed("x"), "/props": {"total_slots": 1}})
        async with GatewayWorld(None, server("a"), http=http) as world:
            asked = len(http.asked)
            await world.clock.advance(EVERY_ONE_S - 1)
            assert len(http.asked) == asked
            await world.clock.advance(2)
            assert sorted(http.asked[asked:]) == ["/props", "/v1/models"]

    async def test_an_older_server_is_known_not_to_speak_anthropics_api(self) -> None:
        http = web({"/v1/models": listed("x")})
        async with GatewayWorld(None, server("a"), server("b", kind="vllm"), http=http) as world:
            assert not world.admit.speaks_messages("a")
            assert http.asked.count("/v1/messages") == 1, "vLLM is never asked"
            assert world.admit.speaks_messages("b")

    async def test_whether_tools_reach_the_prompt_is_tried_once_in_each_life(self) -> None:
        props = {"chat_template": "-", "chat_template_caps": {"supports_tools": False}}
        answers = {"/v1/models": listed("x"), "/props": props, "/apply-template": {"prompt": "?"}}
        http = web(answers)
        async with GatewayWorld(None, server("a"), http=http) as world:
            for _ in range(2):
                (model,) = world.admit.models()
                assert model.lacks == ("tools", "thinking")
                assert http.asked.count("/apply-template") == 1, (
                    "it would wake a server that sleeps"
                )
                await world.clock.advance(EVERY_ONE_S + 1)
            http.answers["/apply-template"] = {"prompt": TRIAL_TOOL}
            world.servers.move("a", State.ONLINE, incarnation=7)
            await settle()
            (model,) = world.admit.models()
            assert (model.lacks, http.asked.count("/apply-template")) == (("thinking",), 2)

    async def test_its_slots_bound_the_requests_at_once(self) -> None:
        http = web({"/v1/models": listed("x"), "/props": {"total_slots": 1}})
        async with GatewayWorld(None, server("a"), http=http) as world:
            await world.served("a")
            assert not (await world.ask("a")).done()

    async def test_nobody_is_asked_who_does_not_serve(self) -> None:
        http = web({"/v1/models": listed("x")})
        off = {"a": State.STOPPED}
        async with GatewayWorld(None, server("a"), states=off, http=http) as world:
            await world.clock.advance(1000)
            assert http.asked == []
            world.servers.move("a", State.ONLINE)
            await world.clock.advance(1)
            assert http.asked

    async def test_a_new_process_is_asked_again(self) -> None:
        http = web({"/v1/models": listed("x")})
        async with GatewayWorld(None, server("a"), http=http) as world:
            asked = len(http.asked)
            world.servers.move("a", State.ONLINE, incarnation=2)
            await world.clock.advance(0)
            assert len(http.asked) == 2 * asked

    async def test_what_was_told_stays_when_the_server_is_gone(self) -> None:
        http = web(dict(OLLAMA))
        async with ollama(http=http) as world:
            http.down = True
            await world.clock.advance(100)
            world.servers.move("o", State.OFFLINE)
            await settle()
            assert [one.name for one in world.admit.models()] == ["m"]

    async def test_an_endpoint_that_leaves_takes_its_models_along(self) -> None:
        async with ollama(http=web(dict(OLLAMA))) as world:
            world.config = type(world.config)()
            world.admit.configure(world.config)
            assert world.admit.models() == []

    async def test_garbage_is_borne(self) -> None:
        http = web({"/v1/models": b"<html>"})
        spec = server("a", kind="openai", model=None)
        async with GatewayWorld(None, spec, http=http) as world:
            await world.clock.advance(EVERY_S + 1)
            assert len(http.asked) == 2


class TestWaiting:
    async def test_whoever_wants_to_know_now_waits_until_the_server_was_asked(self) -> None:
        http = web({"/v1/models": listed("x"), "/props": {"total_slots": 1}})
        off = {"a": State.STOPPED}
        async with GatewayWorld(None, server("a"), states=off, http=http) as world:
            await world.served("a")
            settings = {"default_generation_settings": {"n_ctx": 2048}}
            http.answers["/props"] = settings
            asking = asyncio.create_task(world.admit.asked_now("a"))
            await settle()
            assert (await asking).context_length == 2048

    @pytest.mark.parametrize("name", ["silent", "stopped"])
    async def test_but_not_for_ever(self, name: str) -> None:
        http = web({})
        specs = [server("silent"), server("stopped")]
        off = {"stopped": State.STOPPED}
        async with GatewayWorld(None, *specs, states=off, http=http) as world:
            http.gate = asyncio.Event()
            asking = asyncio.create_task(world.admit.asked_now(name))
            await world.clock.advance(TOLD_S + 0.1)
            assert asking.done()
            http.gate.set()


class TestKinds:
    async def test_ollama_tells_in_three_answers_and_show_is_asked_once(self) -> None:
        http = web(dict(OLLAMA))
        async with ollama(http=http) as world:
            (model,) = world.admit.models()
            assert (model.state, model.capabilities) == ("loaded", ("completion", "tools"))
            assert model.digest == "a" * 64
            http.answers["/api/ps"] = {"models": []}
            await world.clock.advance(EVERY_S + 1)
            assert world.admit.models()[0].state == "not_loaded"
            assert http.asked.count("/api/show") == 1

    async def test_lm_studio_tells_more_under_its_own_address(self) -> None:
        own = {"data": [{"id": "q", "type": "llm", "max_context_length": 9}]}
        spec = server("l", kind="lmstudio", model=None)
        async with GatewayWorld(None, spec, http=web({"/api/v0/models": own})) as world:
            assert world.admit.models()[0].context_length_max == 9

    async def test_an_older_one_tells_what_openai_does(self) -> None:
        spec = server("l", kind="lmstudio", model=None)
        async with GatewayWorld(None, spec, http=web({"/v1/models": listed("q")})) as world:
            assert world.admit.models()[0].name == "q"

    async def test_llama_cpp_tells_its_context(self) -> None:
        props = {"default_generation_settings": {"n_ctx": 2048}}
        http = web({"/v1/models": listed("/x.gguf"), "/props": props})
        async with GatewayWorld(None, server("a"), http=http) as world:
            assert world.admit.models()[0].context_length == 2048

    async def test_each_model_of_a_router_stands_for_itself(self) -> None:
        http = web({"/v1/models": listed("x", "y")})
        async with GatewayWorld(None, server("a", model=None), http=http) as world:
            assert [one.name for one in world.admit.models()] == ["x", "y"]
            assert "/props" not in http.asked


class TestFiles:
    async def test_a_file_is_read_once_for_each_setting(self) -> None:
        read: list[str | None] = []

        async def examine(spec: EndpointSpec) -> Examined | None:
            read.append(spec.model_path)
            return Examined(Facts(size_bytes=5)) if spec.model_path == "/b" else None

        off = {"a": State.STOPPED}
        spec = server("a", model_path="/a")
        async with GatewayWorld(None, spec, states=off, examine=examine) as world:
            await world.clock.advance(1000)
            assert read == ["/a"]
            assert world.admit.models()[0].size_bytes is None
            changed = server("a", model_path="/b")
            world.config = type(world.config)(endpoints=(changed,))
            world.admit.configure(world.config)
            await settle()
            assert read == ["/a", "/b"]
            assert world.admit.models()[0].size_bytes == 5

    async def test_what_the_file_tells_comes_before_what_the_server_says(self) -> None:
        async def examine(_: EndpointSpec) -> Examined:
            return Examined(Facts(size_bytes=5))

        meta = {"data": [{"id": "x", "meta": {"size": 4, "n_params": 3}}]}
        http = web({"/v1/models": meta})
        async with GatewayWorld(None, server("a"), http=http, examine=examine) as world:
            model = world.admit.models()[0]
            assert (model.size_bytes, model.parameter_count) == (5, 3)

    async def test_of_a_thousand_files_that_tell_nothing_it_is_told_once(self) -> None:
        async def examine(_: EndpointSpec) -> None:
            return None

        told: list[int] = []
        world = GatewayWorld(None, server("e0"))
        lister = Lister(world.servers, None, examine, world.clock, lambda: told.append(1))
        lister.configure({f"e{number}": server(f"e{number}") for number in range(1000)})
        running = asyncio.create_task(lister.run())
        await world.clock.advance(0)
        running.cancel()
        assert len(told) == 1
