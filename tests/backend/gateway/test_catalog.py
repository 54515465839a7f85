"""Which names lead to which servers."""

from __future__ import annotations

import pytest
from fakes.servers import server

from llama_runner_pro.config.derived import DerivedModelSpec
from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.gateway.catalog import Catalog, Route, build
from llama_runner_pro.gateway.facts import Offer


def catalog(*models: ServedModelSpec, endpoints: object = (), **offers: list[str]) -> Catalog:
    specs = endpoints or (server("a", model="qwen"), server("b", model="llama"))
    told = {name: [Offer(one) for one in names] for name, names in offers.items()}
    return build(GatewaySpec(models=models), specs, told)  # type: ignore[arg-type]


def routes(found: Catalog, name: str) -> list[tuple[str, str]]:
    entry = found.find(name)
    return [] if entry is None else [(one.endpoint, one.model) for one in entry.routes]


class TestOwnNames:
    @pytest.mark.parametrize("name", ["qwen", "QWEN", "qwen:latest", " Qwen ", "a", "A"])
    def test_a_model_is_found_under_its_own_and_its_endpoints_name(self, name: str) -> None:
        assert routes(catalog(), name) == [("a", "qwen")]

    def test_the_name_of_an_endpoint_is_not_listed_beside_its_model(self) -> None:
        assert catalog().names() == ["qwen", "llama"]
        assert [entry.aliases for entry in catalog().entries] == [(), ()]

    def test_nothing_else_is(self) -> None:
        assert catalog().find("qwen:7b") is None

    def test_equal_models_of_several_endpoints_are_one(self) -> None:
        both = catalog(endpoints=(server("a", model="m"), server("b", model="M:latest")))
        assert both.names() == ["m"]
        assert routes(both, "m") == [("a", "m"), ("b", "M:latest")]

    def test_the_name_of_one_of_them_leads_there_alone(self) -> None:
        both = catalog(endpoints=(server("a", model="m"), server("b", model="m")))
        assert routes(both, "b") == [("b", "m")]

    def test_a_file_names_its_model(self) -> None:
        spec = server("a", model=None, model_path="C:\\models\\Qwen-7B.gguf")
        assert routes(catalog(endpoints=(spec,)), "qwen-7b") == [("a", "Qwen-7B")]

    def test_without_any_the_endpoint_does(self) -> None:
        assert catalog(endpoints=(server("a", model=None),)).names() == ["a"]

    def test_what_the_server_tells_comes_first_then(self) -> None:
        spec = server("a", model=None, model_path="/x.gguf")
        assert catalog(endpoints=(spec,), a=["/models/y.gguf"]).names() == ["y"]

    def test_a_configured_name_is_not_replaced_by_the_servers(self) -> None:
        assert catalog(a=["/x/qwen2.gguf"]).names() == ["qwen", "llama"]

    def test_a_router_has_many(self) -> None:
        spec = server("a", model=None)
        assert catalog(endpoints=(spec,), a=["x", "y"]).names() == ["x", "y"]

    def test_ollama_has_those_that_it_tells(self) -> None:
        spec = server("o", kind="ollama", model=None)
        none = catalog(endpoints=(spec,))
        assert none.names() == []
        told = catalog(endpoints=(spec,), o=["llama3:latest", "llama3:70b"])
        assert told.names() == ["llama3", "llama3:70b"]
        assert routes(told, "llama3") == [("o", "llama3:latest")]
        assert told.find("o") is None


class TestServed:
    def test_a_name_with_its_endpoints(self) -> None:
        big = ServedModelSpec(name="big", endpoints=("b", "a"), aliases=("gpt-4o",))
        found = catalog(big)
        assert routes(found, "GPT-4o") == [("b", "llama"), ("a", "qwen")]
        assert found.names() == ["big", "qwen", "llama"]

    def test_a_models_own_name_gets_settings(self) -> None:
        found = catalog(ServedModelSpec(name="Qwen", ttl_s=5))
        assert found.names() == ["Qwen", "llama"]
        assert routes(found, "qwen") == [("a", "qwen")]

    def test_by_the_servers_name(self) -> None:
        spec = server("o", kind="ollama", model=None)
        fast = ServedModelSpec(name="fast", upstream_model="llama3:70b")
        assert routes(catalog(fast, endpoints=(spec,), o=["llama3:70b", "x"]), "fast") == [
            ("o", "llama3:70b")
        ]

    def test_of_many_the_name_itself_is_asked_for(self) -> None:
        spec = server("o", kind="ollama", model=None)
        named = ServedModelSpec(name="x", endpoints=("o",))
        assert routes(catalog(named, endpoints=(spec,)), "x") == [("o", "x")]
        renamed = ServedModelSpec(name="x", endpoints=("o",), upstream_model="y")
        assert routes(catalog(renamed, endpoints=(spec,)), "x") == [("o", "y")]

    def test_one_that_nobody_has_yet_is_known_but_leads_nowhere(self) -> None:
        found = catalog(ServedModelSpec(name="later"))
        assert found.find("later") is not None
        assert routes(found, "later") == []

    def test_an_endpoint_that_is_gone_is_left_out(self) -> None:
        assert routes(catalog(ServedModelSpec(name="x", endpoints=("z", "a"))), "x") == [
            ("a", "qwen")
        ]

    def test_no_name_is_taken_away(self) -> None:
        mine = ServedModelSpec(name="x", endpoints=("b",), aliases=("a",))
        assert routes(catalog(mine), "a") == [("b", "llama")]


def test_a_derived_model_goes_the_ways_of_the_one_it_is_made_of() -> None:
    specs = (server("a", model="qwen"), server("b", model="llama"))
    bot = DerivedModelSpec(name="bot", base="QWEN:latest")
    lost = DerivedModelSpec(name="lost", base="gone")
    found = build(GatewaySpec(derived=(bot, lost)), specs, {})
    assert found.names() == ["qwen", "llama", "bot", "lost"]
    assert routes(found, "bot:latest") == [("a", "qwen")]
    assert routes(found, "lost") == []
    assert [one.recipe for one in found.entries] == [None, None, bot, lost]


def test_an_empty_one_knows_nothing() -> None:
    assert (Catalog().find("x"), Catalog().names()) == (None, [])
    assert Route("a", "m") == Route("a", "m")
