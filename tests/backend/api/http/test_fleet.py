"""`GET /api/fleet`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.alerts import alert
from fakes.api_world import call
from msgspec.structs import replace

from llama_runner_pro.api.app import create_app
from llama_runner_pro.metrics.fleet import Fleet, HostView

if TYPE_CHECKING:
    from fakes.api_world import World


class TwoHosts:
    """A store that knows two computers."""

    async def hosts(self) -> Fleet:
        """Always the same."""
        hosts = [
            HostView(host="b", up=False, severity="critical", problems=["not seen for 5 min"]),
            HostView(host="a", up=True, severity="ok"),
        ]
        return Fleet(backend="prometheus", this_host="a", hosts=hosts)


async def test_a_computer_by_itself_is_a_fleet_of_one(world: World) -> None:
    world.sampler.tick({"cpu_usage_pct": 12.5, "memory_usage_pct": 50.0})
    world.alerts.known = [alert()]
    answer = await call(world.app(), "GET", "/api/fleet")
    assert answer.status == 200
    assert answer.json == {
        "backend": "embedded",
        "this_host": "box",
        "available": True,
        "reason": None,
        "hosts": [
            {
                "host": "box",
                "up": True,
                "last_seen_ms": world.clock.wall_ms(),
                "severity": "critical",
                "problems": ["1 endpoint failed", "1 critical alarm"],
                "cpu_usage_pct": 12.5,
                "memory_usage_pct": 50.0,
                "gpu_utilization_pct": None,
                "gpu_memory_usage_pct": None,
                "endpoints_total": 2,
                "endpoints_online": 1,
                "endpoints_failed": 1,
                "alerts_active": 1,
                "version": world.deps().version,
            }
        ],
    }


async def test_a_store_of_many_computers_is_asked_where_there_is_one(world: World) -> None:
    app = create_app(replace(world.deps(), fleet=TwoHosts()))
    answer = await call(app, "GET", "/api/fleet")
    assert [host["host"] for host in answer.json["hosts"]] == ["b", "a"]
    assert answer.json["backend"] == "prometheus"
