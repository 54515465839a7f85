"""Who may come in through the gateway's doors: host, page and key, in that order."""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import TYPE_CHECKING

from llama_runner_pro.config.gateway import is_exposed as is_exposed
from llama_runner_pro.core.errors import Denied
from llama_runner_pro.gateway.key_limits import KeyLimits
from llama_runner_pro.gateway.origins import Origins
from llama_runner_pro.gateway.ports import Visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.config.gateway import GatewaySpec, KeySpec
    from llama_runner_pro.core.clock import Clock

    RawHeaders = Sequence[tuple[bytes, bytes]]

_log = logging.getLogger(__name__)
_LOOPBACK_NAMES = frozenset({b"127.0.0.1", b"localhost", b"[::1]", b"host.docker.internal"})
_HOSTS_KEPT = 64
_METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD"
_HEADERS = (
    b"authorization, content-type, user-agent, accept, x-requested-with, x-api-key, openai-beta, "
    b"anthropic-version, anthropic-beta, x-stainless-lang, x-stainless-package-version, "
    b"x-stainless-os, x-stainless-arch, x-stainless-retry-count, x-stainless-runtime, "
    b"x-stainless-runtime-version, x-stainless-async, x-stainless-helper-method, "
    b"x-stainless-poll-helper, x-stainless-custom-poll-interval, x-stainless-timeout"
)
_NOBODY = Visitor()


class Doorkeeper:
    """Satisfies `ports.Access`. Use from the event loop only."""

    def __init__(self, spec: GatewaySpec, clock: Clock) -> None:
        self._clock = clock
        self.origins = Origins(spec.origins, clock)
        self.edition = 0
        """As in `ports.Access`."""
        self._limits: dict[str, KeyLimits] = {}
        self.configure(spec)

    def configure(self, spec: GatewaySpec) -> None:
        """Take other settings; requests that are inside stay."""
        self.edition += 1
        self._exposed = is_exposed(spec.host)
        self._hosts: dict[bytes, bool] = {}
        self._keys = tuple((_digest(key.secret.encode()), key) for key in spec.keys)
        # The same objects live on: requests that are inside count until they leave.
        kept, self._limits = self._limits, {}
        for key in spec.keys:
            limits = self._limits[key.name] = kept.get(key.name) or KeyLimits(key)
            limits.spec = key
        self.key_required = spec.auth != "none" and (bool(spec.keys) or self._exposed)
        self.origins.configure(spec.origins)

    def enter(self, headers: RawHeaders) -> Visitor:
        """Who it is. Raises `Denied` (401, 403) and `Saturated`."""
        host = origin = bearer = api_key = None
        for name, value in headers:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
            elif name == b"authorization":
                bearer = value
            elif name == b"x-api-key":
                api_key = value
        self._check_host(host)
        cors = () if origin is None else self._check_origin(origin)
        if not self.key_required:
            return Visitor(answer_headers=cors) if cors else _NOBODY
        return self._with_key(api_key or _token(bearer), cors)

    def preflight(self, headers: RawHeaders) -> tuple[tuple[bytes, bytes], ...]:
        """What answers a CORS preflight. Raises `Denied`."""
        named = dict(headers)
        self._check_host(named.get(b"host"))
        origin = named.get(b"origin")
        if origin is None:
            return ()
        # A page of the internet asks for this before it may reach a computer at home.
        private = named.get(b"access-control-request-private-network") == b"true"
        return (
            *self._check_origin(origin),
            *([(b"access-control-allow-private-network", b"true")] if private else []),
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _HEADERS),
            (b"access-control-max-age", b"600"),
        )

    def _check_host(self, host: bytes | None) -> None:
        # Where a key guards everything a rebound name gains nothing, and on a network the names
        # under which we are called cannot be known.
        if self._exposed:
            return
        known = self._hosts.get(host or b"")
        if known is None:
            if len(self._hosts) >= _HOSTS_KEPT:
                self._hosts.clear()
            known = self._hosts[host or b""] = _host_name(host or b"") in _LOOPBACK_NAMES
        if not known:
            said = (host or b"").decode("latin-1")
            raise Denied(
                403,
                "wrong_host",
                f"this server does not answer for the host {said!r}",
                "use http://127.0.0.1 or http://localhost with the port",
            )

    def _check_origin(self, origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
        text = origin.decode("latin-1")
        if not self.origins.allows(text):
            raise Denied(
                403,
                "foreign_origin",
                f"pages at {text[:200]!r} may not use this server",
                "allow it on the Gateway page of the dashboard, or in gateway.origins",
            )
        return (
            (b"access-control-allow-origin", origin),
            # Pages may not read other headers than the plainest ones unless they are named.
            (b"access-control-expose-headers", b"Retry-After"),
            (b"vary", b"Origin"),
        )

    def _with_key(self, presented: bytes | None, cors: tuple[tuple[bytes, bytes], ...]) -> Visitor:
        if not presented:
            raise Denied(
                401,
                "key_missing",
                "an API key is needed",
                "send it as Authorization: Bearer KEY or as x-api-key",
            )
        key = self._find(presented)
        if key is None:
            _log.warning("a client presented an API key that does not exist")
            raise Denied(401, "key_wrong", "this API key does not exist", "see gateway.keys")
        limits = self._limits[key.name]
        limits.enter(self._clock.monotonic())
        return Visitor(
            key=key.name,
            priority=key.priority,
            models=key.models,
            answer_headers=cors,
            leave=limits.leave,
        )

    def _find(self, presented: bytes) -> KeySpec | None:
        given = _digest(presented)
        found: KeySpec | None = None
        # All are compared, so that the time says nothing about which one fits.
        for digest, key in self._keys:
            if hmac.compare_digest(digest, given):
                found = key
        return found


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _token(authorization: bytes | None) -> bytes | None:
    scheme, _, token = (authorization or b"").partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else None


def _host_name(host: bytes) -> bytes:
    """Without the port, lower case."""
    name, colon, port = host.rpartition(b":")
    bare = name if colon and port.isdigit() else host
    return bare.lower().removesuffix(b".")
