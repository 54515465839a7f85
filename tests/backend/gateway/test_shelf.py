"""Models of a server that is down are listed from what it had, and asked for under that name."""

from __future__ import annotations

from fakes.clock import settle
from fakes.hosts import FakeOllama
from fakes.servers import GatewayWorld, server

from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.facts import Facts, Offer
from llama_runner_pro.gateway.shelf import Shelf, Shelved

VLLM = server("v", kind="vllm", model=None)
OLLAMA = server("o", kind="ollama", model=None)


def shelf(spec: object, *offers: Offer) -> Shelf:
    """What an earlier sidecar has kept."""
    kept: list[dict[str, Shelved]] = []
    Shelf(remember=kept.append).put(spec, offers)  # type: ignore[arg-type]
    return Shelf(kept[-1])


async def test_a_stopped_vllm_is_started_for_the_model_that_it_had() -> None:
    known = shelf(VLLM, Offer("org/model", Facts(context_length_max=4096)))
    async with GatewayWorld(None, VLLM, states={"v": State.STOPPED}, shelf=known) as world:
        (listed,) = world.admit.models()
        assert (listed.name, listed.state) == ("org/model", "not_loaded")
        lease = await world.served("org/model")
        assert lease.upstream.model == "org/model"
        assert world.servers.did == ["start v"]


async def test_nothing_is_taken_to_be_in_memory_that_was_then() -> None:
    facts = Facts(loaded=True, expires_ms=5, context_length=9, held_bytes=3, lacks=("tools",))
    (offer,) = shelf(OLLAMA, Offer("m", facts)).of(OLLAMA)
    assert offer.facts == Facts(loaded=False, held_bytes=3)


async def test_it_is_written_when_something_changed_and_only_then() -> None:
    kept: list[dict[str, Shelved]] = []
    book = Shelf(remember=kept.append)
    for expires_ms in (1, 2):
        book.put(OLLAMA, [Offer("m", Facts(expires_ms=expires_ms))])
    assert len(kept) == 1
    book.keep({"o": None})
    assert len(kept) == 1
    book.keep({})
    assert kept[-1] == {}


async def test_an_endpoint_that_became_another_one_has_nothing() -> None:
    known = shelf(OLLAMA, Offer("m"))
    assert known.of(server("o", kind="ollama", model=None, port=7)) == ()


async def test_what_the_server_says_replaces_it() -> None:
    known, host = shelf(OLLAMA, Offer("old", Facts(loaded=False))), FakeOllama("new")
    async with GatewayWorld(None, OLLAMA, http=host, shelf=known) as world:
        await settle()
        assert [one.name for one in world.admit.models()] == ["new"]


async def test_what_is_to_be_loaded_from_the_start_waits_for_its_server() -> None:
    known, host = shelf(OLLAMA, Offer("m", Facts(loaded=False))), FakeOllama("m")
    spec = GatewaySpec(models=(ServedModelSpec(name="m", preload=True),))
    states = {"o": State.STARTING}
    async with GatewayWorld(spec, OLLAMA, states=states, http=host, shelf=known) as world:
        assert host.loaded == []
        world.servers.move("o", State.ONLINE)
        await settle()
        await world.clock.advance(2)
        assert host.loaded == ["m"]
