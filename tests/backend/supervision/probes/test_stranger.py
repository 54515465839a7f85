"""Who answers on a port, where the user named a kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.probes.stranger import stranger
from llama_runner_pro.transport.client import Response

if TYPE_CHECKING:
    from llama_runner_pro.supervision.process.ports import Holder

LLAMACPP: dict[str, object] = {
    "/v1/models": {"data": [{"id": "m", "owned_by": "llamacpp"}]},
    "/props": {"default_generation_settings": {}, "build_info": "b1"},
}
LOCALAI: dict[str, object] = {
    "/v1/models": {"data": []},
    "/.well-known/localai.json": {"endpoints": 1},
}


class Pages:
    """A server with these pages."""

    def __init__(self, pages: dict[str, object]) -> None:
        self.pages = pages
        self.asked = 0

    async def request(self, method: str, url: str, **_: object) -> Response:
        """The page."""
        self.asked += 1
        page = self.pages.get(urlsplit(url).path)
        body = page.encode() if isinstance(page, str) else json.dumps(page).encode()
        return Response(404 if page is None else 200, {}, body, 1.0)


async def nobody_known(port: int) -> Holder | None:
    return None


async def who(pages: dict[str, object], **spec: object) -> str | None:
    one = EndpointSpec(name="one", **spec)  # type: ignore[arg-type]
    return await stranger(Pages(pages), one, profile_of(one), nobody_known)


@pytest.mark.parametrize(
    ("kind", "pages"), [("llamacpp", LLAMACPP), ("embedded", LLAMACPP), ("localai", LOCALAI)]
)
async def test_what_was_configured_is_no_stranger(kind: str, pages: dict[str, object]) -> None:
    assert await who(pages, kind=kind, port=9000) is None


async def test_a_stranger_is_named_also_when_its_process_is_not_known() -> None:
    assert await who(LOCALAI, kind="llamacpp", port=9000) == "port 9000 answers as LocalAI"


async def test_what_nobody_can_tell_is_no_stranger() -> None:
    assert await who({"/": "hello"}, kind="ollama", port=9000) is None


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "openai", "port": 9000},
        {"kind": "custom", "port": 9000},
        {"kind": "auto", "port": 11434},
        {"kind": "llamacpp", "url": "http://192.0.2.1:8080"},
    ],
)
async def test_without_a_kind_or_on_another_machine_nobody_is_asked(
    spec: dict[str, object],
) -> None:
    one = EndpointSpec(name="one", **spec)  # type: ignore[arg-type]
    pages = Pages(LOCALAI)
    assert await stranger(pages, one, profile_of(one), nobody_known) is None
    assert pages.asked == 0
