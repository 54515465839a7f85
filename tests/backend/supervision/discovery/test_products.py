"""The table of products agrees with itself and with the kinds of endpoints."""

from __future__ import annotations

import pytest

from llama_runner_pro.endpoints.kinds import PROFILES, profile
from llama_runner_pro.supervision.discovery.products import (
    PRODUCTS,
    USUAL_PORTS,
    product_of_program,
)

OWN_KINDS = [product for product in PRODUCTS.values() if product.kind != "openai"]


@pytest.mark.parametrize("product", OWN_KINDS, ids=lambda product: product.key)
def test_a_product_with_a_kind_of_its_own_has_that_kinds_port_and_programs(product) -> None:  # type: ignore[no-untyped-def]
    kind = profile(product.kind)
    assert kind.default_port == product.ports[0]
    assert set(kind.executables) & set(product.programs) or product.key == "lmstudio"


def test_every_kind_that_servers_can_have_is_some_products() -> None:
    ours = {"embedded", "custom"}
    kinds = {each.kind for each in PROFILES} - ours
    assert {product.kind for product in PRODUCTS.values()} == kinds


def test_no_program_belongs_to_two_products() -> None:
    programs = [program for product in PRODUCTS.values() for program in product.programs]
    assert len(programs) == len(set(programs))
    assert programs == [program.lower().removesuffix(".exe") for program in programs]


def test_usual_ports_are_asked_once_each() -> None:
    assert len(USUAL_PORTS) == len(set(USUAL_PORTS))
    assert {11434, 1234, 8080, 9931, 13305} <= set(USUAL_PORTS)


@pytest.mark.parametrize(
    ("program", "key"), [("ollama", "ollama"), ("LM Studio", "lmstudio"), ("sglang", "sglang")]
)
def test_a_program_leads_to_its_product(program: str, key: str) -> None:
    product = product_of_program(program)
    assert product is not None
    assert product.key == key


@pytest.mark.parametrize("program", [None, "", "python3.11", "my-ollama", "ollama.bak"])
def test_any_other_program_leads_to_none(program: str | None) -> None:
    assert product_of_program(program) is None
