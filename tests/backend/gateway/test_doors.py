from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.config.gateway import GatewaySpec, OllamaDoorSpec, OpenAiDoorSpec
from llama_runner_pro.gateway.doors import DoorName, Doors, Occupant
from llama_runner_pro.transport.listening import listening_socket
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llama_runner_pro.endpoints.traffic import DoorView


class Server:
    """Holds its socket until it is told to stop."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ports: list[int] = []
        self._end = asyncio.Event()

    @property
    def stopped(self) -> bool:
        """It was told to."""
        return self._end.is_set()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self.ports = [one.getsockname()[1] for one in sockets or []]
        await self._end.wait()

    def stop(self) -> None:
        self._end.set()


@dataclass
class House:
    """Doors on four free ports, and what happened to them."""

    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(4)])
    clock: FakeClock = field(default_factory=FakeClock)
    servers: list[Server] = field(default_factory=list)
    told: list[DoorView] = field(default_factory=list)
    endpoints: dict[int, str] = field(default_factory=dict)
    doors: Doors = field(init=False)

    def __post_init__(self) -> None:
        self.doors = Doors(
            self.spec(),
            make_server=self._make,
            occupant=self._occupant,
            endpoint_ports=lambda: self.endpoints,
            changed=self.told.append,
            clock=self.clock,
        )

    def spec(self, **more: object) -> GatewaySpec:
        one, other_one, two, other_two = self.ports
        return GatewaySpec(
            **{  # type: ignore[arg-type]
                "openai": OpenAiDoorSpec(port=one, alternative_port=other_one),
                "ollama": OllamaDoorSpec(port=two, alternative_port=other_two),
                **more,
            }
        )

    def _make(self, name: DoorName) -> Server:
        self.servers.append(Server(name))
        return self.servers[-1]

    async def _occupant(self, port: int) -> Occupant | None:
        return Occupant("ollama (pid 4242)", "ollama") if port == self.ports[2] else None

    def door(self, name: str) -> DoorView:
        return next(view for view in self.doors.views() if view.name == name)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[House]:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.doors.run())
            await self.doors.configure(self.spec())
            yield self
            await self.doors.close()
            await running


def reachable(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(2)
        return client.connect_ex(("127.0.0.1", port)) == 0


async def test_both_doors_open_where_they_are_wanted() -> None:
    async with House().running() as house:
        assert [(view.state, view.actual_port) for view in house.doors.views()] == [
            ("open", house.ports[0]),
            ("open", house.ports[2]),
        ]
        assert reachable(house.ports[0])
        assert reachable(house.ports[2])
        assert not reachable(house.ports[1])


async def test_at_the_end_every_server_is_told_and_every_port_is_free() -> None:
    house = House()
    async with house.running():
        assert not any(server.stopped for server in house.servers)
    assert all(server.stopped for server in house.servers)
    assert not any(reachable(port) for port in house.ports)


async def test_a_taken_port_is_left_alone_its_holder_named_and_the_alternative_used() -> None:
    house = House()
    with listening_socket("127.0.0.1", house.ports[2]):
        async with house.running():
            view = house.door("ollama")
            assert (view.state, view.actual_port) == ("moved", house.ports[3])
            assert (view.holder, view.holder_kind) == ("ollama (pid 4242)", "ollama")
            assert view.reason == f"port {house.ports[2]}: ollama (pid 4242) listens there"
            assert str(house.ports[3]) in (view.hint or "")
            assert house.door("openai").state == "open"
            assert view in house.told


async def test_a_holder_that_cannot_be_named_is_still_told() -> None:
    house = House()
    with listening_socket("127.0.0.1", house.ports[0]):
        async with house.running():
            view = house.door("openai")
            assert view.holder is None
            assert view.reason == f"port {house.ports[0]}: another program listens there"


async def test_a_door_moves_back_only_when_it_is_asked_to() -> None:
    house = House()
    holder = listening_socket("127.0.0.1", house.ports[2])
    async with house.running():
        assert (await house.doors.reopen("ollama")).state == "moved"
        holder.close()
        await house.clock.advance(16)
        await house.doors.configure(house.spec())
        view = house.door("ollama")
        assert (view.state, view.free_again) == ("moved", True)
        assert (await house.doors.reopen("ollama")).state == "open"
        assert reachable(house.ports[2])
        assert not reachable(house.ports[3])


async def test_with_both_ports_taken_the_door_is_closed_and_opens_by_itself_later() -> None:
    house = House()
    wanted = listening_socket("127.0.0.1", house.ports[0])
    with listening_socket("127.0.0.1", house.ports[1]):
        async with house.running():
            view = house.door("openai")
            assert (view.state, view.actual_port) == ("closed", None)
            assert str(house.ports[1]) in (view.reason or "")
            assert "gateway.openai" in (view.hint or "")
            wanted.close()
            await house.clock.advance(16)
            await house.doors.configure(house.spec())
            assert house.door("openai").state == "open"


async def test_the_home_of_an_endpoint_is_never_taken_even_while_it_is_empty() -> None:
    house = House()
    house.endpoints[house.ports[2]] = "my ollama"
    async with house.running():
        view = house.door("ollama")
        assert (view.state, view.actual_port) == ("moved", house.ports[3])
        assert "the endpoint 'my ollama' lives there" in (view.reason or "")
        assert (await house.doors.reopen("ollama")).state == "moved"
        assert not view.free_again


async def test_a_new_endpoint_on_our_port_makes_the_door_give_way() -> None:
    async with House().running() as house:
        house.endpoints[house.ports[0]] = "new"
        await house.doors.configure(house.spec())
        assert house.door("openai").state == "moved"
        assert not reachable(house.ports[0])
        house.endpoints[house.ports[1]] = "newer"
        await house.doors.configure(house.spec())
        assert house.door("openai").state == "closed"


async def test_switched_off_a_door_closes_and_switched_on_it_opens() -> None:
    async with House().running() as house:
        one = house.ports[0]
        await house.doors.configure(
            house.spec(
                openai=OpenAiDoorSpec(enabled=False, port=one, alternative_port=house.ports[1])
            )
        )
        assert house.door("openai").state == "off"
        assert not reachable(one)
        assert reachable(house.ports[2])
        await house.doors.configure(house.spec(enabled=False))
        assert [view.state for view in house.doors.views()] == ["off", "off"]
        await house.doors.configure(house.spec())
        assert reachable(one)


async def test_other_ports_take_effect_at_once_and_an_unchanged_door_stays() -> None:
    async with House().running() as house:
        new = free_port()
        before = house.servers[1]
        await house.doors.configure(
            house.spec(openai=OpenAiDoorSpec(port=new, alternative_port=house.ports[1]))
        )
        assert reachable(new)
        assert not reachable(house.ports[0])
        assert [server.name for server in house.servers] == ["openai", "ollama", "openai"]
        assert before.ports == [house.ports[2]]


async def test_an_address_that_is_not_ours_is_told_in_words() -> None:
    async with House().running() as house:
        await house.doors.configure(house.spec(host="192.0.2.1"))
        assert "not an address of this machine" in (house.door("openai").reason or "")


@pytest.mark.parametrize("name", ["openai", "ollama"])
async def test_a_server_that_ended_is_replaced(name: str) -> None:
    async with House().running() as house:
        next(server for server in house.servers if server.name == name).stop()
        await asyncio.sleep(0)
        await house.doors.configure(house.spec())
        assert len(house.servers) == 3
        assert house.door(name).state == "open"
