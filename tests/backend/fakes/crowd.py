"""Clients that come, wait, work and leave as the dice say."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from fakes.servers import GatewayWorld, server

from llama_runner_pro.config.gateway import GatewaySpec, GroupSpec
from llama_runner_pro.core.errors import GatewayError
from llama_runner_pro.endpoints.states import SERVING, State

if TYPE_CHECKING:
    import asyncio

    from llama_runner_pro.gateway.ports import Lease

NAMES = "abcd"


class Crowd:
    """Four models, of which `a` and `b` never run together."""

    def __init__(self, seed: int) -> None:
        dice = self.dice = random.Random(seed)
        self.spec = GatewaySpec(
            max_running=dice.choice([1, 2, 3]),
            max_parallel=dice.choice([1, 2]),
            ttl_s=dice.choice([0, 5]),
            queue=dice.choice([3, 100]),
            groups=(GroupSpec(name="g", endpoints=("a", "b")),),
        )
        off = dict.fromkeys(NAMES, State.STOPPED)
        self.world = GatewayWorld(self.spec, *(server(name) for name in NAMES), states=off)
        if dice.random() < 0.3:
            self.world.servers.fails["d"] = "no memory"
        self.leases: list[Lease] = []
        self.asked: list[asyncio.Task[Lease]] = []

    @property
    def running(self) -> set[str]:
        """Models that serve."""
        return {one.name for one in self.world.servers.views() if one.state in SERVING}

    async def move(self) -> None:
        """Somebody comes, gives up, or is done."""
        dice = self.dice
        if dice.random() < 0.6:
            name = dice.choice(NAMES)
            self.asked.append(await self.world.ask(name, priority=dice.randint(-1, 1)))
        elif dice.random() < 0.2 and self.asked:
            dice.choice(self.asked).cancel()
        elif self.leases:
            ended = self.leases.pop(dice.randrange(len(self.leases)))
            ended.end(dice.choice(["ok", "client_gone"]))
        await self.world.clock.advance(dice.choice([0.0, 0.5, 12.0]))
        self.gather()

    def gather(self) -> None:
        """Take up what was answered."""
        for task in [one for one in self.asked if one.done()]:
            self.asked.remove(task)
            if task.cancelled():
                continue
            error = task.exception()
            assert error is None or isinstance(error, GatewayError)
            if error is None:
                self.leases.append(task.result())

    async def disperse(self) -> None:
        """Everybody who works ends, until nobody is left or too much time has passed."""
        for _ in range(400):
            for lease in self.leases:
                lease.end("ok")
            self.leases.clear()
            await self.world.clock.advance(1)
            self.gather()
            if not self.asked and not self.leases:
                return
