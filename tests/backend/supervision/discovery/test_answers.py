"""Reading answers that may be anything."""

from __future__ import annotations

import pytest
from fakes.discovery import SERVERS, STRANGERS, recorded

from llama_runner_pro.supervision.discovery.answers import (
    FURTHER,
    HEALTH,
    OPENING,
    Answer,
    Answers,
    could_be_a_model_server,
    may_be_asked_for_health,
)
from llama_runner_pro.supervision.discovery.products import USUAL_PORTS, product_of_program


def answers(path: str, body: bytes, status: int = 200, **headers: str) -> Answers:
    """One answer."""
    return Answers({path: Answer(status, headers, body)})


@pytest.mark.parametrize(
    "body", [b"", b"[1, 2]", b'"text"', b"\xff\xfe", b"{", b"[" * 5000 + b"]" * 5000]
)
def test_a_body_that_is_no_object_counts_as_an_empty_one(body: bytes) -> None:
    assert answers("/x", body).document("/x") == {}


@pytest.mark.parametrize("members", [b"null", b"7", b'"x"', b"{}", b'[1, null, "x"]'])
def test_members_that_are_no_objects_are_left_out(members: bytes) -> None:
    assert answers("/x", b'{"data": ' + members + b"}").items("/x", "data") == []


def test_only_a_good_answer_has_a_text_and_only_a_bad_one_a_complaint() -> None:
    good, bad = answers("/x", b"fine"), answers("/x", b"no", 404)
    assert (good.text("/x"), good.complaint("/x")) == ("fine", "")
    assert (bad.text("/x"), bad.complaint("/x")) == ("", "no")
    assert (good.text("/y"), good.complaint("/y"), good.status("/y")) == ("", "", None)
    assert bad.document("/x") == {}


def test_a_header_is_found_on_any_answer() -> None:
    both = Answers({"/": Answer(200, {}, b""), "/x": Answer(404, {"server": "llama.cpp"}, b"")})
    assert both.header("server") == "llama.cpp"
    assert both.header("via") == ""


@pytest.mark.parametrize("name", SERVERS)
def test_the_opening_questions_or_what_is_known_lead_to_the_further_ones(name: str) -> None:
    server = recorded(name)
    opening = Answers({path: server.answer(path) for path in OPENING})
    known = server.port in USUAL_PORTS or product_of_program(server.program) is not None
    assert could_be_a_model_server(opening) or known


@pytest.mark.parametrize("name", ["stranger_dev_server", "stranger_all_ok"])
def test_a_plain_web_server_is_left_in_peace_after_the_opening_questions(name: str) -> None:
    assert name in STRANGERS
    server = recorded(name)
    assert not could_be_a_model_server(Answers({path: server.answer(path) for path in OPENING}))


@pytest.mark.parametrize("name", SERVERS)
def test_every_server_but_litellm_may_be_asked_for_health(name: str) -> None:
    assert may_be_asked_for_health(recorded(name).answers()) is not name.startswith("litellm")


def test_no_question_is_asked_twice() -> None:
    assert len({*OPENING, *FURTHER, HEALTH}) == len(OPENING) + len(FURTHER) + 1
