"""A request that goes as the last one went must not miss anything that has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.servers import GatewayWorld, ask, server

from llama_runner_pro.config.derived import DerivedModelSpec
from llama_runner_pro.config.gateway import GatewaySpec
from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.gateway.ports import Lease


def again(world: GatewayWorld, model: str = "a") -> Lease | None:
    return world.admit.again(model, "chat", None)


def used(world: GatewayWorld, model: str = "a") -> None:
    lease = world.admit.admit_now(ask(model))
    assert lease is not None
    lease.end("ok")


async def test_the_way_of_a_request_is_there_for_the_next_one_of_that_name() -> None:
    world = GatewayWorld(GatewaySpec(max_parallel=2), server("a"), server("b"))
    assert again(world) is None
    used(world)
    first, second = again(world), again(world)
    assert first is not None
    assert second is not None
    assert first.upstream.endpoint == "a"
    assert again(world) is None, "both slots are taken"
    assert world.admit.admit_now(ask("a")) is None
    first.end("ok")
    assert again(world) is not None
    assert again(world, "b") is None


def disabled(world: GatewayWorld) -> None:
    world.servers.move("a", State.DISABLED)


def restarted(world: GatewayWorld) -> None:
    world.servers.move("a", State.ONLINE, incarnation=7)


def gone(world: GatewayWorld) -> None:
    world.admit.endpoint_gone("a")


def reconfigured(world: GatewayWorld) -> None:
    world.reconfigure(GatewaySpec(max_parallel=9))


def new_key(world: GatewayWorld) -> None:
    world.servers.sent = {"authorization": "Bearer new"}


def busy(world: GatewayWorld) -> None:
    lease = world.admit.admit_now(ask("a"))
    assert lease is not None
    lease.end("busy", retry_after_s=20)


def opened(world: GatewayWorld) -> None:
    world.admit.breakers.command("a", "a-model", "force_open")


@pytest.mark.parametrize("change", [disabled, restarted, gone, reconfigured, new_key, busy, opened])
async def test_nothing_that_changed_is_missed(change: Callable[[GatewayWorld], None]) -> None:
    world = GatewayWorld(None, server("a"))
    async with world:
        used(world)
        lease = again(world)
        assert lease is not None
        lease.end("ok")
        change(world)
        assert again(world) is None


async def test_nobody_overtakes_those_who_wait() -> None:
    world = GatewayWorld(GatewaySpec(max_parallel=1), server("a"), server("b"))
    async with world:
        used(world, "b")
        lease = world.admit.admit_now(ask("a"))
        assert lease is not None
        waiting = await world.ask("a")
        assert again(world, "b") is None, "somebody waits; it is weighed whether for this"
        lease.end("ok")
        (await waiting).end("ok")
        assert again(world, "b") is not None


async def test_a_derived_model_is_never_usual() -> None:
    derived = (DerivedModelSpec(name="bot", base="a-model", system="Be kind"),)
    world = GatewayWorld(GatewaySpec(derived=derived), server("a"))
    used(world, "bot")
    assert again(world, "bot") is None
