"""What fits into the gateway's seams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.clock import FakeClock
from fakes.servers import FakeGauge, FakeServers, GatewayWorld, ask, server

from llama_runner_pro.config.gateway import GatewaySpec
from llama_runner_pro.gateway.access import Doorkeeper
from llama_runner_pro.gateway.ports import Ask, Progress, Upstream, Visitor
from llama_runner_pro.transport.origin import Origin

if TYPE_CHECKING:
    from llama_runner_pro.gateway.house import MemoryGauge
    from llama_runner_pro.gateway.ports import Access, Admission, Lease, ModelTable, Servers


async def test_the_parts_fit_together() -> None:
    """The assignments are what the type checker looks at."""
    world = GatewayWorld(None, server("a"))
    admission: Admission = world.admit
    table: ModelTable = world.admit
    servers: Servers = FakeServers()
    gauge: MemoryGauge = FakeGauge()
    access: Access = Doorkeeper(GatewaySpec(), FakeClock())
    lease: Lease | None = admission.admit_now(ask("a"))
    assert lease is not None
    assert table.find("a") is not None
    assert (servers.views(), gauge.free_bytes()) == ([], None)
    assert isinstance(access.enter([(b"host", b"localhost")]), Visitor)


def test_values_say_only_what_is_known() -> None:
    asked = Ask(model="m", surface="openai", operation="chat")
    assert (asked.avoid, asked.keep_alive_s, asked.priority) == (frozenset(), None, 0)
    upstream = Upstream(
        endpoint="a", kind="llamacpp", origin=Origin("http", "h", 1), base_path="", model="m"
    )
    assert upstream.headers == {}
    assert Progress(phase="queued", text="x").ratio is None
