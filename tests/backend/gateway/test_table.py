"""Models as clients see them: from memory, honest about what runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import settle
from fakes.servers import GatewayWorld, server

from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.facts import Facts
from llama_runner_pro.gateway.lists import Examined

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec

STATES = [
    (State.ONLINE, "loaded"),
    (State.DEGRADED, "loaded"),
    (State.LOADING, "loading"),
    (State.HEALING, "loading"),
    (State.STOPPED, "not_loaded"),
    (State.OFFLINE, "not_loaded"),
    (State.FAILED, "failed"),
]


@pytest.mark.parametrize(("state", "word"), STATES)
async def test_the_state_of_a_model_is_that_of_its_server(state: State, word: str) -> None:
    world = GatewayWorld(None, server("a"), states={"a": state})
    (model,) = world.admit.models()
    assert (model.state, model.name, model.endpoint) == (word, "a-model", "a")
    assert (model.reason is None) == (word == "loaded")
    meant = world.admit.meant("A-model:latest")
    assert meant is not None
    assert (meant.name, meant.endpoint, meant.kind) == (model.name, model.endpoint, model.kind)
    assert (meant.state, meant.operation, meant.aliases) == (word, model.operation, model.aliases)
    assert world.admit.meant("unheard-of") is None


async def test_one_that_runs_nowhere_we_can_reach_has_failed() -> None:
    spec = server("a", start_command=None)
    world = GatewayWorld(None, spec, states={"a": State.OFFLINE})
    assert world.admit.models()[0].state == "failed"


async def test_the_best_of_several_servers_counts() -> None:
    both = ServedModelSpec(name="m", endpoints=("a", "b"), aliases=("n",), context_length=99)
    world = GatewayWorld(
        GatewaySpec(models=(both,)), server("a"), server("b"), states={"a": State.STOPPED}
    )
    model = world.admit.models()[0]
    assert (model.endpoint, model.state, model.aliases) == ("b", "loaded", ("n",))
    assert model.context_length == 99


async def test_a_failed_load_is_shown_with_its_reason() -> None:
    world = GatewayWorld(None, server("a"), states={"a": State.STOPPED})
    world.servers.fails["a"] = "no file"
    async with world:
        await world.ask("a")
        world.servers.move("a", State.STOPPED)
        model = world.admit.models()[0]
        assert (model.state, model.reason) == ("failed", "no file")


async def test_one_that_makes_room_for_another_is_still_loaded() -> None:
    world = GatewayWorld(
        GatewaySpec(max_running=1), server("a"), server("b"), states={"b": State.STOPPED}
    )
    async with world:
        await world.served("a")
        await world.ask("b")
        await world.clock.advance(11)
        assert world.admit.models()[0].state == "loaded"


async def test_a_model_lacks_only_what_all_of_its_servers_lack() -> None:
    facts = {"a": Facts(lacks=("tools", "thinking")), "b": Facts(lacks=("tools",)), "c": Facts()}

    async def examine(spec: EndpointSpec) -> Examined:
        return Examined(facts[spec.name])

    models = tuple(
        ServedModelSpec(name=name, endpoints=tuple(name)) for name in ("a", "ab", "abc", "cba")
    )
    specs = [server(name) for name in "abc"]
    async with GatewayWorld(GatewaySpec(models=models), *specs, examine=examine) as world:
        await world.clock.advance(0)
        for name, lacks in (
            ("a", ("tools", "thinking")),
            ("ab", ("tools",)),
            ("abc", ()),
            ("cba", ()),
        ):
            view, meant = world.admit.find(name), world.admit.meant(name)
            assert view is not None
            assert meant is not None
            assert (view.lacks, meant.lacks) == (lacks, lacks)


async def test_what_runs_on_it_is_counted_and_its_end_foretold() -> None:
    async with GatewayWorld(GatewaySpec(ttl_s=60), server("a")) as world:
        lease = await world.served("a")
        busy = world.admit.find("a")
        assert busy is not None
        assert (busy.in_flight, busy.expires_ms) == (1, None)
        lease.end("ok")
        idle = world.admit.find("a")
        assert idle is not None
        assert (idle.in_flight, idle.expires_ms) == (0, world.clock.wall_ms() + 60_000)


async def test_a_name_that_leads_nowhere_yet_is_found_but_not_listed() -> None:
    later = ServedModelSpec(name="later")
    world = GatewayWorld(GatewaySpec(models=(later,)), server("o", kind="ollama", model=None))
    assert world.admit.models() == []
    found = world.admit.find("later")
    assert found is not None
    assert (found.state, found.reason) == ("failed", "no endpoint serves it")
    assert world.admit.find("never") is None


async def test_files_tell_of_models_that_do_not_run() -> None:
    gate = asyncio.Event()

    async def examine(_: object) -> Examined:
        await gate.wait()
        facts = Facts(path="/m.gguf", size_bytes=98, quantization="Q4_1", modified_ms=7)
        return Examined(facts)

    world = GatewayWorld(None, server("a"), states={"a": State.STOPPED}, examine=examine)
    async with world:
        before = world.admit.models()[0]
        assert (before.size_bytes, before.quantization) == (None, None)
        gate.set()
        await settle()
        model = world.admit.models()[0]
        assert (model.size_bytes, model.quantization, model.modified_ms) == (98, "Q4_1", 7)
        assert model.digest is not None
        assert len(model.digest) == 64


async def test_a_model_that_only_makes_embeddings_is_not_loaded_to_say_that_it_cannot_chat() -> (
    None
):
    async def examine(_: object) -> Examined:
        return Examined(Facts(operation="embedding"))

    world = GatewayWorld(None, server("a"), states={"a": State.STOPPED}, examine=examine)
    async with world:
        await world.clock.advance(0)
        refused = await world.ask("a-model")
        with pytest.raises(BadRequest, match="only makes embeddings"):
            refused.result()
        assert world.servers.did == []
        assert (await world.served("a-model", operation="embedding")).upstream.endpoint == "a"
