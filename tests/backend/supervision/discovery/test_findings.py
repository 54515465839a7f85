"""What a discovery found survives the wire."""

from __future__ import annotations

import msgspec
from fakes.discovery import discovery

from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.discovery.findings import Discovery


def test_a_discovery_is_the_same_after_the_wire() -> None:
    sent = discovery()
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Discovery) == sent


def test_every_proposal_is_an_endpoint() -> None:
    result = discovery()
    for offer in (*result.found, *result.installed):
        if offer.proposal is not None:
            msgspec.convert(offer.proposal, EndpointSpec)
