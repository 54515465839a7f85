"""Requests in flight, as llama.cpp's server tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llama_runner_pro.core.errors import DeadlineExceeded
from llama_runner_pro.endpoints.kinds import profile
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.probes.slots import Slots, read_slots, slots
from llama_runner_pro.transport.client import Response

FIXTURES = Path(__file__).parents[2] / "fixtures" / "llamacpp"
SPEC = EndpointSpec(name="one", kind="llamacpp", port=9000)


def recorded(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def with_token(**changes: object) -> bytes:
    """The recorded busy answer, with other counters."""
    document: list[dict[str, Any]] = json.loads(recorded("slots_busy.json"))
    document[0]["next_token"][0] |= changes
    return json.dumps(document).encode()


class TestReading:
    @pytest.mark.parametrize("name", ["slots_idle.json", "slots_used.json"])
    def test_nothing_in_flight(self, name: str) -> None:
        assert read_slots(recorded(name)) == Slots(0)

    def test_one_request_with_its_counters(self) -> None:
        assert read_slots(recorded("slots_busy.json")) == Slots(1, ((0, 12, 75, 2, None, 325),))

    def test_a_token_more_is_another_value(self) -> None:
        assert read_slots(with_token(n_decoded=76)) != read_slots(with_token(n_decoded=75))
        assert read_slots(with_token(n_decoded=75)) == read_slots(with_token())

    @pytest.mark.parametrize("body", [b"", b"nonsense", b"{}", b"\xff", b"[" * 5000])
    def test_what_is_no_list_of_slots_tells_nothing(self, body: bytes) -> None:
        assert read_slots(body) is None

    @pytest.mark.parametrize("token", [None, [], {}, 7])
    def test_odd_members_do_no_harm(self, token: object) -> None:
        body = json.dumps([7, {"id": 1, "is_processing": True, "next_token": token}]).encode()
        assert read_slots(body) == Slots(1, ((1, None, None, None, None, None),))


class Answering:
    """One answer for all."""

    def __init__(self, answer: Response | DeadlineExceeded) -> None:
        self.answer = answer
        self.urls: list[str] = []

    async def request(self, method: str, url: str, **_: object) -> Response:
        """As told."""
        self.urls.append(url)
        if isinstance(self.answer, DeadlineExceeded):
            raise self.answer
        return self.answer


class TestAsking:
    async def test_the_endpoint_is_asked(self) -> None:
        http = Answering(Response(200, {}, recorded("slots_busy.json"), 1.0))
        told = await slots(http, SPEC, profile("llamacpp"), 1.0)
        assert told is not None
        assert told.busy == 1
        assert http.urls == ["http://127.0.0.1:9000/slots"]

    async def test_one_that_offers_none_or_stays_silent_tells_nothing(self) -> None:
        refused = Answering(Response(501, {}, b"[]", 1.0))
        silent = Answering(DeadlineExceeded("no answer"))
        assert await slots(refused, SPEC, profile("llamacpp"), 1.0) is None
        assert await slots(silent, SPEC, profile("llamacpp"), 1.0) is None

    async def test_other_kinds_are_not_asked(self) -> None:
        http = Answering(Response(200, {}, b"[]", 1.0))
        assert await slots(http, SPEC, profile("ollama"), 1.0) is None
        assert http.urls == []
