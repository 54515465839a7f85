"""Loads and unloads single models within servers of several, in the words of each family.

Ollama: an empty `/api/generate` (`/api/embed` for models that only embed) loads, and with
`keep_alive` 0 unloads. LM Studio: `/api/v1/models/load` and `/unload`, since 0.4. llama.cpp as a
router: `/models/load` and `/models/unload`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from llama_runner_pro.core.errors import LoadFailed, TransportError
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway import answers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.gateway.guest import Guest
    from llama_runner_pro.gateway.lists import Http
    from llama_runner_pro.gateway.ports import Servers

HOSTS = frozenset({"ollama", "lmstudio", "llamacpp"})
"""Families whose servers let single models be loaded and unloaded."""
BY_THEMSELVES = frozenset({"lmstudio"})
"""These load what a request names in the way their user has set: with a time limit, one at once.
A load by command would stay for ever."""
_CALL_S, _UNLOAD_S, _LOOK_S = 10.0, 30.0, 0.3
_LIMIT_BYTES = 8_000_000
_HERE = frozenset({"loaded", "sleeping"})


class Hosting:
    """Carries out what is to be done with a guest. Without `http` nothing can be done."""

    def __init__(self, servers: Servers, http: Http | None, clock: Clock) -> None:
        line = _Line(servers, http, clock)
        self._families: dict[str, _Family] = {
            "ollama": _Ollama(line),
            "lmstudio": _LmStudio(line),
            "llamacpp": _Router(line),
        }

    async def load(self, guest: Guest, keep_alive_s: float | None, deadline_s: float) -> None:
        """Have it loaded; returns when it is. One that is loaded stays for `keep_alive_s` anew,
        where its server can be told (negative: for ever).

        Raises `LoadFailed` with the server's words. Cancelling lets Ollama give up loading.
        """
        family = self._families[guest.host.view.kind]
        await _in_words(guest, family.load(guest, keep_alive_s, deadline_s))

    async def unload(self, guest: Guest) -> None:
        """Have it unloaded; returns when its server does not list it as loaded any more.

        Raises `LoadFailed` with the server's words, or when it stays.
        """
        await _in_words(guest, self._families[guest.host.view.kind].unload(guest))


class _Family(Protocol):
    """One family's words. Both may raise `LoadFailed` and `TransportError`."""

    async def load(self, guest: Guest, keep_alive_s: float | None, deadline_s: float) -> None: ...

    async def unload(self, guest: Guest) -> None: ...


class _Line:
    """Talks to one server at a time."""

    def __init__(self, servers: Servers, http: Http | None, clock: Clock) -> None:
        self._servers, self._http, self.clock = servers, http, clock

    async def call(
        self,
        view: EndpointView,
        path: str,
        body: dict[str, Any] | None = None,
        deadline_s: float = _CALL_S,
    ) -> dict[str, Any]:
        """One exchange. Raises `LoadFailed` with the server's words, `TransportError`."""
        if self._http is None:
            raise LoadFailed(f"{view.name} cannot be asked")
        headers = dict(self._servers.headers(view.name))
        if body is not None:
            headers["content-type"] = "application/json"
        response = await self._http.request(
            "GET" if body is None else "POST",
            answers.address(view.url, path),
            deadline_s=deadline_s,
            headers=headers,
            body=b"" if body is None else msgspec.json.encode(body),
            limit_bytes=_LIMIT_BYTES,
        )
        told = _object(response.body)
        if response.status >= 400:
            reason = answers.error_words(told) or f"it answers {response.status} to {path}"
            raise LoadFailed(f"{view.name}: {reason}")
        return told

    async def until(self, there: Callable[[], Awaitable[bool]], deadline_s: float) -> bool:
        """Look again and again. False when that took too long."""
        end_s = self.clock.monotonic() + deadline_s
        while not await there():
            if self.clock.monotonic() >= end_s:
                return False
            await self.clock.sleep(_LOOK_S)
        return True


class _Ollama:
    def __init__(self, line: _Line) -> None:
        self._line = line

    async def load(self, guest: Guest, keep_alive_s: float | None, deadline_s: float) -> None:
        body: dict[str, Any] = {"model": guest.model, "stream": False}
        if keep_alive_s is not None:
            body["keep_alive"] = keep_alive_s if keep_alive_s >= 0 else -1
        if guest.offer.facts.operation == "embedding":
            await self._line.call(guest.host.view, "/api/embed", {**body, "input": []}, deadline_s)
        else:
            await self._line.call(guest.host.view, "/api/generate", body, deadline_s)

    async def unload(self, guest: Guest) -> None:
        view = guest.host.view
        body = {"model": guest.model, "keep_alive": 0, "stream": False}
        await self._line.call(view, "/api/generate", body)

        async def is_gone() -> bool:
            running = await self._line.call(view, "/api/ps")
            return guest.model not in {one.model for one in answers.of_ollama(running, None)}

        # It answers before the memory is free, and lets what is being generated end first.
        if not await self._line.until(is_gone, _UNLOAD_S):
            raise _stays(guest)


class _LmStudio:
    def __init__(self, line: _Line) -> None:
        self._line = line

    async def load(self, guest: Guest, keep_alive_s: float | None, deadline_s: float) -> None:
        view = guest.host.view
        if await self._instances(guest):
            # A second load would make a second instance.
            return
        body = {"model": guest.model}
        told = await self._line.call(view, "/api/v1/models/load", body, deadline_s)
        # It answers 200 to what it does not know.
        if told.get("status") != "loaded":
            words = answers.error_words(told) or "it does not say that it loaded it"
            raise LoadFailed(f"{view.name}: {words}")

    async def unload(self, guest: Guest) -> None:
        view = guest.host.view
        for instance in await self._instances(guest):
            body = {"instance_id": instance}
            await self._line.call(view, "/api/v1/models/unload", body, _UNLOAD_S)
        if await self._instances(guest):
            raise _stays(guest)

    async def _instances(self, guest: Guest) -> tuple[str, ...]:
        view = guest.host.view
        listed = await self._line.call(view, "/api/v1/models")
        if not isinstance(listed.get("models"), list):
            raise LoadFailed(
                f"{view.name} takes no commands to load or unload; LM Studio does from 0.4 on"
            )
        return answers.instances_of_lmstudio(listed, guest.model)


class _Router:
    def __init__(self, line: _Line) -> None:
        self._line = line

    async def load(self, guest: Guest, keep_alive_s: float | None, deadline_s: float) -> None:
        view = guest.host.view
        if await self._state(guest) not in _HERE | {"loading"}:
            await self._line.call(view, "/models/load", {"model": guest.model})

        async def is_here() -> bool:
            state = await self._state(guest)
            if state == "failed":
                raise LoadFailed(f"{view.name} could not load {guest.model}")
            return state in _HERE

        if not await self._line.until(is_here, deadline_s):
            raise LoadFailed(f"{guest.name} was not loaded within {deadline_s:g} s")

    async def unload(self, guest: Guest) -> None:
        view = guest.host.view
        await self._line.call(view, "/models/unload", {"model": guest.model}, _UNLOAD_S)

        async def is_gone() -> bool:
            return await self._state(guest) not in _HERE

        if not await self._line.until(is_gone, _UNLOAD_S):
            raise _stays(guest)

    async def _state(self, guest: Guest) -> str | None:
        listed = await self._line.call(guest.host.view, "/models")
        return answers.router_states(listed).get(guest.model)


async def _in_words(guest: Guest, doing: Awaitable[None]) -> None:
    try:
        await doing
    except (TransportError, ValueError) as error:
        raise LoadFailed(f"{guest.host.name}: {error}") from error


def _stays(guest: Guest) -> LoadFailed:
    return LoadFailed(f"{guest.host.name} keeps {guest.model} loaded")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body or b"{}")
    except UNREADABLE:
        return {}
    return found if isinstance(found, dict) else {}
