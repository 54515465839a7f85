"""Who may talk to us: checks in front of every request and every WebSocket handshake.

We listen on loopback, so the danger is a web page in the user's own browser. Three headers that a
page cannot forge decide: `Host` (DNS rebinding), `Origin` and `Sec-Fetch-Site` (other sites), and
the content type of a change (forms cannot send JSON).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from llama_runner_pro.api.auth import SESSION_PREFIX
from llama_runner_pro.api.locked_page import (
    LOCKED_PAGE,
    locked_page,
    style_source,
    wants_page,
)
from llama_runner_pro.api.problems import ApiProblem, problem_bytes
from llama_runner_pro.api.static import NOT_BUILT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from llama_runner_pro.api.auth import Gate
    from llama_runner_pro.core.clock import Clock

ANY_NAME = "*"
"""Among the allowed hosts: every name, for where the token guards everything anyway."""
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
# The two pages that carry their style inside, for there are no files to fetch it from.
_STYLES = " ".join(["'self'", style_source(LOCKED_PAGE), style_source(NOT_BUILT)])
_OUR_SITE = frozenset({"same-origin", "none"})


def authority(text: str, default_port: int) -> tuple[str, int] | None:
    """Host name (lower case, without brackets) and port of a Host header; None when malformed."""
    try:
        parts = urlsplit(f"//{text}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.path or parts.username is not None or parts.query or parts.fragment:
        return None
    return name.removesuffix("."), default_port if port is None else port


def check_host(headers: Headers, scheme_port: int, allowed: frozenset[str]) -> tuple[str, int]:
    """Name and port under which we were called; raises ApiProblem 421 when they are not ours."""
    said = headers.getlist("host")
    host = authority(said[0], scheme_port) if len(said) == 1 else None
    if host is None or not allowed & {host[0], ANY_NAME}:
        raise ApiProblem(
            421,
            "wrong_host",
            "Not for us",
            f"this server does not answer for the host {', '.join(said)!r}",
            hint="open it as http://127.0.0.1 or http://localhost with its port",
        )
    return host


def check_origin(headers: Headers, host: tuple[str, int]) -> None:
    """A page that calls us must come from us; raises ApiProblem 403 otherwise.

    The loopback names stand for each other, the port must be the one that was called.
    """
    origin = headers.get("origin")
    if origin is None:
        return
    scheme, _, said = origin.partition("://")
    caller = authority(said, _DEFAULT_PORTS.get(scheme, 0))
    ours = caller == host or (
        caller is not None and caller[1] == host[1] and {caller[0], host[0]} <= LOOPBACK_NAMES
    )
    if scheme not in _DEFAULT_PORTS or not ours:
        raise ApiProblem(
            403,
            "foreign_origin",
            "Other sites may not do this",
            f"the request comes from a page at {origin!r}",
            hint="open the dashboard of this server and use it there",
        )


def check_fetch_site(method: str, path: str, headers: Headers) -> None:
    """Requests that another site's page makes; raises ApiProblem 403.

    A link from another local page to the dashboard itself is the one thing that passes.
    """
    site = headers.get("sec-fetch-site")
    if site is None or site in _OUR_SITE:
        return
    follows_link = (
        site == "same-site"
        and method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and path == "/"
    )
    if not follows_link:
        raise ApiProblem(
            403,
            "cross_site",
            "Other sites may not do this",
            "the browser says that another site made this request",
            hint="open the dashboard of this server and use it there",
        )


def check_content_type(method: str, headers: Headers) -> None:
    """A change is JSON or has no body; raises ApiProblem 415."""
    content_type = headers.get("content-type")
    if method not in CHANGING or content_type is None:
        return
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise not_json(content_type)


def not_json(content_type: str | None) -> ApiProblem:
    """415 for a body that is not declared as JSON."""
    said = f"not {content_type!r}" if content_type else "and the request does not say what it is"
    return ApiProblem(
        415,
        "wrong_content_type",
        "Only JSON here",
        f"the body must be application/json, {said}",
        hint='send the header "Content-Type: application/json"',
    )


def content_security_policy(host: tuple[str, int] | None, gateway_ports: Sequence[int] = ()) -> str:
    """Scripts, styles and pictures from ourselves only; connections to ourselves and our gateway.

    `gateway_ports` are those the gateway listens on: the playground talks to its models there.
    """
    connect = "'self'"
    if host is not None:
        name = f"[{host[0]}]" if ":" in host[0] else host[0]
        # Safari takes 'self' for http only; the socket's address is named for it.
        connect += f" ws://{name}:{host[1]} wss://{name}:{host[1]}"
        # However the page was called, the gateway may listen on one loopback address only.
        names = dict.fromkeys((name, "127.0.0.1") if host[0] in LOOPBACK_NAMES else (name,))
        connect += "".join(f" http://{one}:{port}" for one in names for port in gateway_ports)
    return (
        f"default-src 'none'; script-src 'self'; style-src {_STYLES}; img-src 'self' data:; "
        f"font-src 'self'; connect-src {connect}; worker-src 'self'; frame-src 'none'; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    )


def security_headers(
    host: tuple[str, int] | None, gateway_ports: Sequence[int] = ()
) -> dict[str, str]:
    """On every answer."""
    return {
        "content-security-policy": content_security_policy(host, gateway_ports),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


class Guard:
    """ASGI middleware that lets nothing pass that is not for us or not from us."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Clock,
        allowed_hosts: frozenset[str],
        gate: Gate,
        gateway_ports: Callable[[], Sequence[int]],
    ) -> None:
        self._app = app
        self._clock = clock
        self._gate = gate
        self._gateway_ports = gateway_ports
        self._allowed = LOOPBACK_NAMES | {name.lower() for name in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with the problem; a refused handshake is never accepted."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host: tuple[str, int] | None = None
        try:
            host = self._check(scope)
        except ApiProblem as problem:
            await self._refuse(scope, send, problem)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(host, self._gateway_ports()).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> tuple[str, int]:
        headers = Headers(scope=scope)
        secure = scope.get("scheme") in ("https", "wss")
        method = scope.get("method", "GET")
        host = check_host(headers, 443 if secure else 80, self._allowed)
        check_origin(headers, host)
        check_fetch_site(method, scope["path"], headers)
        check_content_type(method, headers)
        if self._gate.everything and not scope["path"].startswith(SESSION_PREFIX):
            self._gate.require(headers)
        return host

    async def _refuse(self, scope: Scope, send: Send, problem: ApiProblem) -> None:
        body, media_type = problem_bytes(scope["path"], problem, self._clock)
        locked = problem.details.status == 401 and scope["type"] == "http"
        if locked and wants_page(scope["path"], Headers(scope=scope)):
            body, media_type = locked_page(problem), "text/html; charset=utf-8"
        kind = "http.response"
        if scope["type"] == "websocket":
            if "websocket.http.response" not in scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": 1008})
                return
            kind = "websocket.http.response"
        headers = MutableHeaders(
            {
                **security_headers(None),
                **problem.headers,
                "content-type": media_type,
                "content-length": str(len(body)),
                "cache-control": "no-store",
                # The body of a refused request was not read; nothing may follow it.
                "connection": "close",
            }
        )
        await send(
            {"type": f"{kind}.start", "status": problem.details.status, "headers": headers.raw}
        )
        await send({"type": f"{kind}.body", "body": body})
