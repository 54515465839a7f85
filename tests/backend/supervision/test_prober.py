"""Which check answers which question."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded
from llama_runner_pro.endpoints.spec import EndpointSpec, ProbeSpec, ProbesSpec
from llama_runner_pro.supervision.prober import EndpointProber
from llama_runner_pro.supervision.process.ports import Holder
from llama_runner_pro.transport.client import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.supervision.events import Purpose


class Asked:
    """Answers every request well and remembers what was asked with which deadline."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, float]] = []

    async def request(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit_bytes: int = 1_000_000,
    ) -> Response:
        """200 with the shape of a completion."""
        self.requests.append((method, url, deadline_s))
        return Response(200, {}, json.dumps({"choices": [{"text": "."}]}).encode(), 1.0)


class Silent:
    """Never answers in time."""

    async def request(self, method: str, url: str, **_: object) -> Response:
        """Raise as the transport does."""
        raise DeadlineExceeded(f"no answer from {url}")


def embedded(**more: object) -> EndpointSpec:
    return EndpointSpec(name="one", kind="embedded", port=9000, model_path="m.gguf", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("purpose", ["first", "startup", "liveness"])
async def test_health_is_asked_with_the_health_check(purpose: Purpose) -> None:
    http = Asked()
    result = await EndpointProber(http, embedded()).check(purpose)
    assert result.verdict == "ok"
    assert http.requests[0] == ("GET", "http://127.0.0.1:9000/health", 2.0)


@pytest.mark.parametrize(("purpose", "patience_s"), [("verify", 2.0), ("verify_ready", 30.0)])
async def test_the_last_word_is_one_generated_token(purpose: Purpose, patience_s: float) -> None:
    http = Asked()
    await EndpointProber(http, embedded()).check(purpose)
    url = "http://127.0.0.1:9000/v1/completions"
    assert http.requests == [("POST", url, patience_s)]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(
            embedded(probes=ProbesSpec(inference=ProbeSpec(enabled=False))), id="switched off"
        ),
        pytest.param(
            EndpointSpec(name="one", kind="custom", url="http://127.0.0.1:9000"), id="no such call"
        ),
        pytest.param(
            EndpointSpec(name="one", kind="ollama", url="http://127.0.0.1:9000"), id="no model"
        ),
    ],
)
async def test_without_an_inference_call_the_health_check_decides(spec: EndpointSpec) -> None:
    http = Asked()
    await EndpointProber(http, spec).check("verify")
    assert [method for method, _, _ in http.requests] == ["GET"]


async def test_the_timeout_of_an_older_config_overrides_the_probes_own() -> None:
    http = Asked()
    await EndpointProber(http, embedded(timeout=9.5)).check("liveness")
    assert http.requests[0][2] == 9.5


async def test_a_silent_endpoint_is_a_verdict_not_an_error() -> None:
    result = await EndpointProber(Silent(), embedded()).check("liveness")
    assert result.verdict == "timeout"


class Pages:
    """A server with these pages, at 404 everywhere else; None: nobody listens."""

    def __init__(self, pages: dict[str, object] | None) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def request(self, method: str, url: str, **_: object) -> Response:
        """The page."""
        path = urlsplit(url).path
        self.asked.append(path)
        if self.pages is None:
            raise ConnectRefused(f"nobody listens at {url}")
        page = self.pages.get(path)
        return Response(404 if page is None else 200, {}, json.dumps(page).encode(), 1.0)


LOCALAI: dict[str, object] = {
    "/v1/models": {"object": "list", "data": []},
    "/.well-known/localai.json": {"endpoints": {}},
    "/api/version": {"version": "0.9.0"},
}
OLLAMA = EndpointSpec(name="one", kind="ollama", url="http://127.0.0.1:11434")


async def local_ai(port: int) -> Holder:
    return Holder(4242, "local-ai")


class TestStranger:
    async def test_another_service_on_the_port_is_named_and_does_not_count_as_well(self) -> None:
        prober = EndpointProber(Pages(LOCALAI), OLLAMA, local_ai)
        for purpose in ("first", "liveness"):
            result = await prober.check(purpose)  # type: ignore[arg-type]
            assert result.verdict == "failed"
            assert result.reason == "port 11434 answers as LocalAI, pid 4242 (local-ai)"

    async def test_what_was_recognised_is_not_asked_again(self) -> None:
        http = Pages(LOCALAI)
        prober = EndpointProber(http, EndpointSpec(name="one", kind="localai", port=9000))
        http.pages = {**LOCALAI, "/readyz": {}}
        assert (await prober.check("first")).verdict == "ok"
        http.asked.clear()
        assert (await prober.check("liveness")).verdict == "ok"
        assert http.asked == ["/readyz"]

    async def test_whoever_comes_after_nobody_is_asked_anew(self) -> None:
        http = Pages(LOCALAI)
        prober = EndpointProber(http, OLLAMA, local_ai)
        await prober.check("first")
        http.pages = None
        assert (await prober.check("liveness")).verdict == "refused"
        http.pages = {"/api/version": {"version": "1"}}
        assert (await prober.check("liveness")).verdict == "ok"

    async def test_a_stranger_that_made_room_is_noticed_within_a_minute(self) -> None:
        http = Pages(LOCALAI)
        prober = EndpointProber(http, OLLAMA, local_ai)
        await prober.check("first")
        http.pages = {"/api/version": {"version": "1"}}
        verdicts = [(await prober.check("liveness")).verdict for _ in range(12)]
        assert verdicts == ["failed"] * 11 + ["ok"]

    async def test_what_we_started_ourselves_is_not_asked(self) -> None:
        http = Pages({**LOCALAI, "/health": {"status": "ok"}})
        prober = EndpointProber(http, embedded(), local_ai)
        await prober.check("startup")
        assert (await prober.check("liveness")).verdict == "ok"
        assert http.asked == ["/health", "/health"]


async def test_requests_in_flight_are_asked_for() -> None:
    http = Pages({"/slots": [{"id": 0, "is_processing": True}]})
    told = await EndpointProber(http, embedded()).slots()
    assert told is not None
    assert told.busy == 1
