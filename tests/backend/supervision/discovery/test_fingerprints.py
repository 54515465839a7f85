"""Every product is told by its answers, and none is taken for another."""

from __future__ import annotations

import pytest
from fakes.discovery import SERVERS, STRANGERS, recorded

from llama_runner_pro.supervision.discovery.answers import Answer, Answers
from llama_runner_pro.supervision.discovery.fingerprints import MODELS_MAX, fingerprint
from llama_runner_pro.supervision.discovery.products import PRODUCTS


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_recognised_by_what_it_answers(name: str) -> None:
    server = recorded(name)
    match = fingerprint(server.answers(), server.program, server.port)
    assert match is not None
    assert {
        "product": match.product.key,
        "models": list(match.models),
        "confidence": match.confidence,
        "needs_key": match.needs_key,
        "loading": match.loading,
    } == server.expect
    assert match.evidence
    assert all(match.evidence)


CERTAIN = [name for name in SERVERS if (recorded(name).expect or {})["confidence"] == "certain"]


@pytest.mark.parametrize("name", CERTAIN)
def test_neither_port_nor_program_can_mislead(name: str) -> None:
    server = recorded(name)
    for program, port in ((None, 9999), ("ollama", 11434), ("llama-server", 8080)):
        match = fingerprint(server.answers(), program, port)
        assert match is not None
        assert match.product.key == (server.expect or {})["product"]


@pytest.mark.parametrize("name", STRANGERS)
def test_what_serves_no_models_is_not_recognised(name: str) -> None:
    server = recorded(name)
    assert fingerprint(server.answers(), server.program, server.port) is None


def test_every_product_has_a_recorded_server() -> None:
    recognised = {(recorded(name).expect or {})["product"] for name in SERVERS}
    assert recognised == set(PRODUCTS)


def test_a_busy_server_is_likely_by_its_program_on_its_usual_port() -> None:
    match = fingerprint(Answers(), "ollama", 11434)
    assert match is not None
    assert (match.product.key, match.confidence) == ("ollama", "likely")
    assert match.evidence == ("port 11434 is held by the program ollama",)


def test_another_socket_of_such_a_program_says_nothing() -> None:
    assert fingerprint(Answers(), "lm studio", 41343) is None


def test_without_an_answer_and_a_program_nothing_is_guessed() -> None:
    assert fingerprint(Answers(), None, 11434) is None


def test_long_lists_and_names_of_models_are_cut() -> None:
    items = ",".join(f'{{"id":"{number}{"x" * 300}"}}' for number in range(MODELS_MAX + 10))
    body = f'{{"object":"list","data":[{items},{{"id":7}},"odd"]}}'.encode()
    match = fingerprint(Answers({"/v1/models": Answer(200, {}, body)}))
    assert match is not None
    assert len(match.models) == MODELS_MAX
    assert {len(name) for name in match.models} == {200}


@pytest.mark.parametrize("name", [*SERVERS, *STRANGERS])
def test_each_says_whether_it_was_recorded_or_written(name: str) -> None:
    assert recorded(name).source.startswith(("recorded: ", "written after ", "made up: "))
