"""How long, how many at once, and with whom: what the configuration says of each endpoint."""

from __future__ import annotations

import pytest
from fakes.servers import server

from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.config.model import Config
from llama_runner_pro.gateway.facts import Facts, Offer
from llama_runner_pro.gateway.terms import Stay, Terms


def terms(gateway: GatewaySpec, *offers: Offer, **more: object) -> Terms:
    config = Config(gateway=gateway, endpoints=(server("a", **more),))
    return Terms(config, {"a": offers})


def capacity(found: Terms) -> int:
    entry = found.catalog.entries[0]
    return found.capacity(entry, entry.routes[0])


@pytest.mark.parametrize(
    ("gateway", "stay"),
    [
        (GatewaySpec(), Stay()),
        (GatewaySpec(ttl_s=60), Stay(keep_s=60)),
        (GatewaySpec(ttl_s=60, models=(ServedModelSpec(name="a-model", ttl_s=0),)), Stay()),
        (
            GatewaySpec(models=(ServedModelSpec(name="x", endpoints=("a",), ttl_s=5),)),
            Stay(keep_s=5),
        ),
        (
            GatewaySpec(ttl_s=60, models=(ServedModelSpec(name="a-model", pinned=True),)),
            Stay(pinned=True),
        ),
        (
            GatewaySpec(models=(ServedModelSpec(name="a-model", pinned=True, ttl_s=9),)),
            Stay(keep_s=9, pinned=True),
        ),
        (
            GatewaySpec(models=(ServedModelSpec(name="a-model", preload=True),)),
            Stay(preload=True),
        ),
    ],
)
def test_stay(gateway: GatewaySpec, stay: Stay) -> None:
    assert terms(gateway).stay("a") == stay


def test_an_unknown_endpoint_stays_for_ever() -> None:
    assert terms(GatewaySpec(ttl_s=60)).stay("z") == Stay()


class TestCapacity:
    def test_what_was_configured_comes_first(self) -> None:
        own = GatewaySpec(models=(ServedModelSpec(name="a-model", max_parallel=3),))
        assert capacity(terms(own, Offer("a-model", Facts(slots=9)))) == 3

    def test_then_the_servers_own_slots(self) -> None:
        assert capacity(terms(GatewaySpec(), Offer("/x.gguf", Facts(slots=9)))) == 9

    def test_then_what_it_is_started_with(self) -> None:
        assert capacity(terms(GatewaySpec(), parameters={"parallel": 2})) == 2
        assert capacity(terms(GatewaySpec(), parameters={"parallel": True})) == 8

    def test_then_the_default(self) -> None:
        assert capacity(terms(GatewaySpec(max_parallel=5))) == 5
