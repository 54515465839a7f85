"""Models within a server of several come, go and make room one by one; their server stays."""

from __future__ import annotations

import pytest
from fakes.clock import settle
from fakes.hosts import GIB, FakeLmStudio, FakeOllama, Host
from fakes.servers import GatewayWorld, Told, server
from fakes.supervisor import view

from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.core.errors import LoadFailed, NoUpstream
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.facts import Facts, Offer
from llama_runner_pro.gateway.guest import Guest
from llama_runner_pro.gateway.memory import Learned, MemoryBook, started_as
from llama_runner_pro.gateway.standing import Standing


def world(host: Host, gateway: GatewaySpec | None = None, **more: object) -> GatewayWorld:
    """A foreign server `o` of several models, and `a` of ours, which does not run."""
    kind = "lmstudio" if isinstance(host, FakeLmStudio) else "ollama"
    foreign = server("o", kind=kind, model=None, start_command=None)
    states = {"a": State.STOPPED}
    made = GatewayWorld(gateway, foreign, server("a"), states=states, http=host, **more)  # type: ignore[arg-type]
    made.servers.foreign = {"o"}
    return made


def found(here: GatewayWorld, model: str) -> str:
    seen = here.admit.find(model)
    assert seen is not None
    return seen.state


class TestAskedFor:
    async def test_a_request_loads_it_and_the_next_one_finds_it(self) -> None:
        host = FakeOllama("m:latest")
        async with world(host) as here:
            assert found(here, "m") == "not_loaded"
            lease = await here.served("m")
            assert host.loaded == ["m:latest"]
            assert lease.load_ms == 0.0
            lease.end("ok")
            await here.served("m")
            assert host.commands() == ["/api/generate"]
            assert found(here, "m") == "loaded"

    async def test_whoever_waits_is_told_where_it_is_loaded(self) -> None:
        host, told = FakeOllama("m"), Told()
        async with world(host) as here:
            await here.served("m", progress=told)
            assert "loading m on o" in [one.text for one in told.all]

    async def test_why_it_cannot_be_loaded_is_told_and_not_tried_at_once_again(self) -> None:
        host = FakeOllama("m")
        host.fails["m"] = "out of memory"
        async with world(host) as here:
            for _ in range(2):
                failed = await here.ask("m")
                with pytest.raises(LoadFailed, match="out of memory"):
                    failed.result()
            assert host.commands() == ["/api/generate"]
            assert found(here, "m") == "failed"

    async def test_lm_studio_loads_by_itself_what_a_request_names(self) -> None:
        host = FakeLmStudio("m")
        async with world(host) as here:
            await here.served("m")
            assert host.commands() == []

    async def test_a_server_that_has_it_in_memory_comes_first(self) -> None:
        host = FakeOllama("m")
        specs = [server(name, kind="ollama", model=None, start_command=None) for name in "op"]
        both = GatewayWorld(None, *specs, http=host)
        async with both:
            both.admit._fleet.standings["o"].guests["m"].left()
            both.admit._fleet.standings["p"].guests["m"].came(0.0)
            assert (await both.served("m")).upstream.endpoint == "p"


class TestByCommand:
    async def test_loading_and_unloading_leave_the_server_alone(self) -> None:
        host = FakeLmStudio("m", "n")
        host.loaded = ["n"]
        async with world(host) as here:
            assert (await here.admit.load("m")).state == "loaded"
            assert host.loaded == ["n", "m"]
            assert (await here.admit.unload("m")).state == "not_loaded"
            assert host.loaded == ["n"]
            assert here.servers.did == []

    async def test_ollama_is_told_how_long_it_stays(self) -> None:
        host = FakeOllama("m")
        host.loaded = ["m"]
        async with world(host) as here:
            await here.admit.load("m", keep_alive_s=900)
            assert host.asked[-1][1]["keep_alive"] == 900

    async def test_what_somebody_else_loaded_meanwhile_is_unloaded_as_well(self) -> None:
        host = FakeOllama("m")
        async with world(host) as here:
            host.loaded = ["m"]
            await here.admit.unload("m")
            assert host.loaded == []

    async def test_what_does_not_go_is_told(self) -> None:
        host = FakeLmStudio("m")
        host.loaded, host.stuck = ["m"], {"m"}
        async with world(host) as here:
            with pytest.raises(NoUpstream, match="o keeps m loaded"):
                await here.admit.unload("m")


class TestRoom:
    def tight(self, host: Host) -> GatewayWorld:
        """`a` needs 3 GiB, 1 GiB is free, whatever the server holds comes back."""
        spec = GatewaySpec(memory_reserve_bytes=0)
        known = {"a": Learned(of=started_as(server("a")), memory_bytes=3 * GIB)}
        here = world(host, spec, book=MemoryBook(known))
        free = GIB + len(host.loaded) * 2 * GIB

        def changed() -> None:
            here.gauge.free = free - len(host.loaded) * 2 * GIB

        host.changed = changed
        host.sizes = dict.fromkeys(host.models, 2 * GIB)
        changed()
        return here

    async def test_one_idle_model_goes_and_no_more_than_that(self) -> None:
        host = FakeOllama("m", "n")
        host.loaded = ["m", "n"]
        async with self.tight(host) as here:
            await here.clock.advance(1)
            (await here.served("m")).end("ok")
            await here.served("a")
            assert host.loaded == ["m"]
            assert here.servers.did == ["start a"]

    async def test_one_that_works_is_waited_for(self) -> None:
        host = FakeOllama("m")
        host.loaded = ["m"]
        async with self.tight(host) as here:
            working = await here.served("m")
            waiting = await here.ask("a")
            assert host.loaded == ["m"]
            assert not waiting.done()
            working.end("ok")
            await settle()
            assert host.loaded == []
            assert waiting.done()

    async def test_of_lm_studio_only_what_was_asked_for_through_us(self) -> None:
        host = FakeLmStudio("m", "n")
        host.loaded = ["m", "n"]
        async with self.tight(host) as here:
            here.gauge.free = 2 * GIB
            (await here.served("n")).end("ok")
            await here.served("a")
            assert host.loaded == ["m"]

    async def test_pinned_models_stay(self) -> None:
        host = FakeOllama("m")
        host.loaded = ["m"]
        here = self.tight(host)
        here.reconfigure(
            GatewaySpec(memory_reserve_bytes=0, models=(ServedModelSpec(name="m", pinned=True),))
        )
        async with here:
            with pytest.raises(LoadFailed, match="of memory"):
                await here.admit.load("a")
            assert host.loaded == ["m"]

    async def test_a_server_of_ours_makes_room_for_it(self) -> None:
        host = FakeOllama("m")
        here = world(host, GatewaySpec(memory_reserve_bytes=0))
        async with here:
            await here.served("a")
            here.gauge.held["a"] = (3 * GIB, None)
            here.gauge.free = GIB // 2
            waiting = await here.ask("m")
            assert here.servers.did == ["start a"]
            assert not waiting.done(), "`a` works"

    async def test_what_is_too_large_for_all_is_left_to_its_server(self) -> None:
        host = FakeOllama("m")
        here = world(host, GatewaySpec(memory_reserve_bytes=0))
        here.gauge.free = 1000
        async with here:
            assert (await here.served("m")).upstream.endpoint == "o"

    async def test_it_is_not_counted_among_the_servers_that_may_run(self) -> None:
        host = FakeOllama("m")
        host.loaded = ["m"]
        async with world(host, GatewaySpec(max_running=1)) as here:
            await here.served("a")
            assert host.loaded == ["m"]


class TestTime:
    async def test_it_goes_after_its_time_without_requests(self) -> None:
        host = FakeOllama("m")
        models = (ServedModelSpec(name="m", ttl_s=60),)
        async with world(host, GatewaySpec(models=models)) as here:
            (await here.served("m")).end("ok")
            assert host.asked[0][1]["keep_alive"] == 60
            await here.clock.advance(61)
            assert host.loaded == []

    async def test_it_is_loaded_at_the_start_when_that_is_wished(self) -> None:
        host = FakeOllama("m")
        models = (ServedModelSpec(name="m", preload=True, pinned=True),)
        async with world(host, GatewaySpec(models=models)) as here:
            assert host.loaded == ["m"]
            assert host.asked[0][1]["keep_alive"] == -1
            assert found(here, "m") == "loaded"

    async def test_what_a_client_says_to_ollama_itself_is_not_done_twice(self) -> None:
        host = FakeOllama("m")
        host.loaded = ["m"]
        async with world(host) as here:
            (await here.served("m", surface="ollama", keep_alive_s=0.0)).end("ok")
            await settle()
            assert host.commands() == []

    async def test_what_a_client_says_in_other_words_is_done_by_us(self) -> None:
        host = FakeOllama("m")
        host.loaded = ["m"]
        async with world(host) as here:
            (await here.served("m", surface="lmstudio", keep_alive_s=0.0)).end("ok")
            await settle()
            assert host.loaded == []

    async def test_a_server_that_stopped_holds_nothing(self) -> None:
        host = FakeOllama("m")
        host.loaded = ["m"]
        async with world(host) as here:
            here.servers.move("o", State.OFFLINE)
            here.servers.move("o", State.ONLINE)
            assert found(here, "m") == "not_loaded"


def test_what_it_held_is_remembered_when_it_is_gone() -> None:
    guest = Guest(Standing(view("o", State.ONLINE)), Offer("m"))
    guest.told(Offer("m", Facts(loaded=True, held_bytes=5, held_gpu_bytes=7)), 1.0)
    guest.told(Offer("m", Facts(loaded=False)), 2.0)
    assert (guest.memory_bytes, guest.gpu_memory_bytes, guest.running) == (5, 7, False)


class TestServersThemselves:
    async def test_what_concerns_a_server_loads_no_model_of_it(self) -> None:
        host = FakeOllama("m")
        async with world(host) as here:
            assert here.admit.hosts("ollama") == ["o"]
            lease = await here.served("new-model", endpoint="o")
            assert lease.upstream.endpoint == "o"
            assert host.commands() == []
            lease.end("ok")

    async def test_a_server_that_does_not_run_is_started_for_it(self) -> None:
        host, spec = FakeOllama(), server("o", kind="ollama", model=None)
        async with GatewayWorld(None, spec, states={"o": State.STOPPED}, http=host) as here:
            await here.served("new-model", endpoint="o")
            assert here.servers.did == ["start o"]

    async def test_what_it_has_got_is_known_soon_when_somebody_says_so(self) -> None:
        host = FakeOllama("m")
        async with world(host) as here:
            host.models = ("m", "new-model")
            here.admit.look_again("o")
            await here.clock.advance(1)
            assert found(here, "new-model") == "not_loaded"
