"""The route table: every answer of every address is what the table says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from fakes.alerts import alert, delivery
from fakes.api_world import Answer, World, call
from fakes.configured import START, TOKEN
from fakes.gateway import request
from fakes.supervisor import T0_MS

from llama_runner_pro.api.problems import in_envelope
from llama_runner_pro.api.routes import ROUTES
from llama_runner_pro.api.schemas import Envelope, ProblemDetails
from llama_runner_pro.endpoints.ports import Evidence, Incident, IncidentStep
from llama_runner_pro.endpoints.traffic import Captured
from llama_runner_pro.supervision.diagnostics.store import BundleStore, incident_bundle_name

OLDER_ELEVEN = {
    ("GET", "/api/ai-monitor/status"),
    ("GET", "/api/ai-monitor/models"),
    ("POST", "/api/ai-monitor/start"),
    ("POST", "/api/ai-monitor/stop"),
    ("POST", "/api/ai-monitor/heal"),
    ("POST", "/api/ai-monitor/heal-now"),
    ("POST", "/api/ai-monitor/debug"),
    ("GET", "/api/ai-monitor/logs"),
    ("GET", "/api/ai-monitor/config"),
    ("POST", "/api/ai-monitor/models/{name:path}/enable"),
    ("POST", "/api/ai-monitor/models/{name:path}/disable"),
}
INCIDENT = Incident(
    id="inc-1",
    endpoint="demo",
    cause="exit",
    summary="killed by SIGKILL",
    opened_ms=T0_MS,
    steps=(IncidentStep(step="detected", t_ms=T0_MS, ok=True),),
    evidence=Evidence(pid=4242, signal="SIGKILL", log_tail=("bye",)),
)


def filled(path: str, name: str, handle: str) -> str:
    """An address with its parameters replaced."""
    if "operations" in path:
        return path.replace("{id}", "op-1" if handle == "known" else handle)
    known = "inc-1" if handle == "known" else handle
    bundle = incident_bundle_name(known)
    if "doors" in path:
        return path.replace("{name}", "ollama" if handle == "known" else handle)
    return path.replace("{name:path}", name).replace("{id}", known).replace("{name}", bundle)


BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/api/config"): lambda world: {
        "version": world.configured.store.version,
        "document": START,
    },
    ("POST", "/api/config/rollback"): lambda world: {"backup": world.backup_id},
    ("POST", "/api/endpoints"): lambda world: {"endpoint": {"name": "new", "port": 9000}},
    ("PUT", "/api/endpoints/{name:path}"): lambda world: {"endpoint": {"port": 9001}},
    ("POST", "/api/alerts/test"): lambda world: {"channel": "phone"},
    ("POST", "/api/gateway/breakers"): lambda world: {
        "endpoint": "demo",
        "model": "demo",
        "action": "open",
    },
    ("POST", "/api/gateway/models/load"): lambda world: {"model": "demo"},
    ("POST", "/api/gateway/models/unload"): lambda world: {"model": "demo"},
    ("POST", "/api/gateway/origins"): lambda world: {"origin": "https://chat.example"},
}
"""For commands that need one."""
QUESTIONS = {
    ("GET", "/api/history"): "?series=load_1m",
    ("GET", "/api/history/export"): "?series=load_1m",
}
"""For addresses that need to know what is wanted."""
TOKEN_SHOWN = {"authorization": f"Bearer {TOKEN}"}


async def asked(app: Any, world: World, route: Any, path: str) -> Answer:
    """The answer to the call that a route is for."""
    make = BODIES.get((route.method, route.path))
    body = b"" if make is None else msgspec.json.encode(make(world))
    question = QUESTIONS.get((route.method, route.path), "")
    return await call(app, route.method, path + question, body=body, headers=TOKEN_SHOWN)


def problem_in(path: str, answer: Answer) -> ProblemDetails:
    """The problem that an address answered with, in its family's form."""
    if in_envelope(path):
        envelope = msgspec.json.decode(answer.body, type=Envelope[ProblemDetails])
        assert envelope.status == "error"
        return envelope.data
    return msgspec.json.decode(answer.body, type=ProblemDetails)


async def prepared(world: World) -> Any:
    """An application with something to show at every address."""
    world.supervisor.known_incidents = [INCIDENT]
    world.alerts.known = [alert("inc-1"), alert("over", resolved_ms=T0_MS, resolution="recovered")]
    world.alerts.sent = [delivery()]
    world.gateway.requests = [request(1), request(2, ending=None, phase="streaming")]
    world.gateway.texts = [
        Captured(id="r1", t_ms=1, request="{}", request_bytes=2, response="", response_bytes=0)
    ]
    world.supervisor.heal(None, emergency=False)
    await world.configured.store.add({"name": "third", "port": 8083}, None)
    world.backup_id = (await world.configured.store.backups())[0].id
    BundleStore(world.folder / "bundles").save(incident_bundle_name("inc-1"), b"packed")
    (world.folder / "ai_monitor.log").write_text("2026-01-31T12:00:00.000+01:00 INFO x: y\n")
    return world.app()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_answer_has_exactly_the_declared_shape(world: World, route: Any) -> None:
    app = await prepared(world)
    answer = await asked(app, world, route, filled(route.path, "org%2Fmodel", "known"))
    assert answer.status in route.statuses
    assert answer.headers["content-type"].partition(";")[0] == route.media_type
    if route.answer is bytes:
        assert b"packed" in answer.body or b"load_1m" in answer.body
        return
    decoded = msgspec.json.decode(answer.body, type=route.answer, strict=True)
    again = msgspec.json.decode(msgspec.json.encode(decoded))
    assert again == answer.json, "the answer holds something that the shape does not know"


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if "{" in route.path],
    ids=lambda route: f"{route.method} {route.path}",
)
async def test_every_unknown_name_is_a_404_of_the_declared_shape(world: World, route: Any) -> None:
    answer = await asked(await prepared(world), world, route, filled(route.path, "nope", "nope"))
    assert answer.status == 404
    assert 404 in route.errors
    problem = problem_in(route.path, answer)
    assert problem.status == 404
    assert "nope" in problem.detail


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.method != "GET"],
    ids=lambda route: f"{route.method} {route.path}",
)
async def test_every_command_refuses_broken_json_and_unknown_fields(
    world: World, route: Any
) -> None:
    app = await prepared(world)
    world.supervisor.calls.clear()
    path = filled(route.path, "demo", "known")
    broken = await call(app, route.method, path, body=b"{", headers=TOKEN_SHOWN)
    surprise = b'{"surprise": 1}'
    unknown = await call(app, route.method, path, body=surprise, headers=TOKEN_SHOWN)
    assert (broken.status, problem_in(path, broken).code) == (400, "bad_json")
    assert (unknown.status, problem_in(path, unknown).code) == (422, "unknown_field")
    assert world.supervisor.calls == []
    assert len(world.configured.applied) == 1
    assert world.supervisor.monitoring_active


def test_the_older_eleven_are_all_there() -> None:
    assert {(route.method, route.path) for route in ROUTES} >= OLDER_ELEVEN


def test_whatever_can_change_what_is_executed_needs_the_token() -> None:
    changing = {(route.method, route.path) for route in ROUTES if route.needs_token}
    configuring = {
        (route.method, route.path)
        for route in ROUTES
        if route.changes
        and route.path.startswith(("/api/endpoints", "/api/config", "/api/session"))
    }
    proposing = {("POST", "/api/ai-monitor/models/{name:path}/accept-proposal")}
    gatekeeping = {
        ("POST", "/api/gateway/origins"),
        ("GET", "/api/gateway/captures"),
        ("DELETE", "/api/gateway/captures"),
    }
    ending = {("POST", "/api/shutdown")}
    assert changing == configuring | proposing | gatekeeping | ending
    assert not changing & OLDER_ELEVEN


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.needs_token],
    ids=lambda route: f"{route.method} {route.path}",
)
async def test_without_the_token_nothing_of_that_happens(world: World, route: Any) -> None:
    app = await prepared(world)
    path = filled(route.path, "demo", "known")
    make = BODIES.get((route.method, route.path))
    body = b"" if make is None else msgspec.json.encode(make(world))
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
        answer = await call(app, route.method, path, body=body, headers=headers)
        assert (answer.status, problem_in(path, answer).code) == (401, "token_needed")
    assert world.supervisor.calls == [("heal", None, False)]
    assert len(world.configured.applied) == 1


@pytest.mark.parametrize("name", ["a/b", "a/enable", "über", "a b", "a%41", "a?b#c", "."])
async def test_a_name_of_any_characters_reaches_the_supervisor_whole(
    world: World, name: str
) -> None:
    from urllib.parse import quote

    from fakes.supervisor import view

    world.supervisor.by_name[name] = view(name)
    path = f"/api/ai-monitor/models/{quote(name, safe='')}/disable"
    assert (await call(world.app(), "POST", path)).status == 200
    assert world.supervisor.calls == [("disable", name)]
