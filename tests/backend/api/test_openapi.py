"""The OpenAPI document: valid, complete, and true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.api_world import World, call
from openapi_spec_validator import OpenAPIV31SpecValidator

from llama_runner_pro.api.openapi import openapi_document
from llama_runner_pro.api.routes import ROUTES

DOCUMENT = openapi_document("1.2.3")


def references(value: Any) -> set[str]:
    """Every `$ref` inside."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(references(item) for item in value))
    return set()


def test_it_is_a_valid_openapi_3_1_document() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_route_is_in_it_once() -> None:
    described = {
        (method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item
    }
    assert described == {(route.method, route.path.replace(":path", "")) for route in ROUTES}
    operations = [
        item["operationId"] for path in DOCUMENT["paths"].values() for item in path.values()
    ]
    assert len(set(operations)) == len(operations)


def test_every_reference_leads_somewhere() -> None:
    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert references(DOCUMENT) <= known


FRAMES = [
    "Hello",
    "Fields",
    "Snapshot",
    "Tick",
    "Event",
    "Gap",
    "Bye",
    "ServerFrame",
    "Subscribe",
    "Visible",
    "Ack",
    "Resume",
    "ClientFrame",
    "EndpointView",
    "Incident",
    "LogBatch",
]


@pytest.mark.parametrize("name", FRAMES)
def test_the_frames_of_the_streams_are_in_its_components(name: str) -> None:
    assert name in DOCUMENT["components"]["schemas"]


def test_both_streams_are_described() -> None:
    assert set(DOCUMENT["x-websockets"]) == {"/metrics", "/api/logs/stream"}
    assert DOCUMENT["x-websockets"]["/metrics"]["subprotocols"] == [
        "llama-runner.v1.msgpack",
        "llama-runner.v1.json",
    ]


def test_errors_are_described_in_the_shape_of_their_family() -> None:
    older = DOCUMENT["paths"]["/api/ai-monitor/heal"]["post"]["responses"]["404"]["content"]
    newer = DOCUMENT["paths"]["/api/endpoints/{name}"]["get"]["responses"]["404"]["content"]
    assert list(older) == ["application/json"]
    assert list(newer) == ["application/problem+json"]


def test_query_parameters_carry_their_limits() -> None:
    parameters = DOCUMENT["paths"]["/api/ai-monitor/logs"]["get"]["parameters"]
    lines = next(one for one in parameters if one["name"] == "lines")
    assert (lines["in"], lines["required"], lines["schema"]["maximum"]) == ("query", False, 5000)


async def test_the_server_hands_it_out(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/openapi.json")
    assert answer.json == json.loads(json.dumps(DOCUMENT))
