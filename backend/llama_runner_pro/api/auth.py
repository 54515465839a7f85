"""Who may change what gets executed: the access token, and browsers that were let in with it.

The token travels in `Authorization: Bearer` only. A browser gets a cookie instead, through a link
that works once: the cookie is signed with the token and does not give it away.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections import deque
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from llama_runner_pro.api.problems import ApiProblem

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from llama_runner_pro.core.clock import Clock

LINK_S = 60
COOKIE_S = 30 * 24 * 3600
SESSION_PREFIX = "/session/"
_LINKS_AT_A_TIME = 20
_FAILURES = 10
_WINDOW_S = 60.0
HINT = "run `llama-runner-pro open` on this computer and use the link that it prints"

_log = logging.getLogger(__name__)


class Gate:
    """Knows the token, the open links and the recent failures. Event loop's thread only."""

    def __init__(
        self,
        token: str,
        clock: Clock,
        *,
        everything: bool = False,
        launch_token: str | None = None,
    ) -> None:
        """`launch_token` opens the same doors, for the desktop window that started us."""
        self.everything = everything
        """Other machines can reach us, so that even reading needs the token."""
        self._token, self._clock = token.encode(), clock
        self._tokens = [one.encode() for one in (token, launch_token) if one is not None]
        self._links: dict[str, float] = {}
        self._failures: deque[float] = deque(maxlen=_FAILURES)

    def admits(self, headers: Headers) -> bool:
        """The caller has shown the token, or a cookie that we signed with it."""
        return self._bearer_is_right(headers) or self._has_cookie(headers)

    def require(self, headers: Headers) -> None:
        """Raises ApiProblem 401, and 429 after ten wrong tokens within a minute."""
        if self.admits(headers):
            return
        if "authorization" in headers:
            self._failed("a wrong access token was shown")
        raise ApiProblem(
            401,
            "token_needed",
            "The access token is needed",
            "this changes what is executed here"
            if not self.everything
            else "other machines can reach this server, so that everything needs the token",
            hint=HINT,
            headers={"www-authenticate": "Bearer"},
        )

    def issue_link(self) -> str:
        """The path of a link that lets one browser in, once, within 60 s."""
        now_s = self._clock.monotonic()
        self._links = {code: end_s for code, end_s in self._links.items() if end_s > now_s}
        while len(self._links) >= _LINKS_AT_A_TIME:
            self._links.pop(next(iter(self._links)))
        code = secrets.token_urlsafe(32)
        # Only its hash is kept: looking it up tells nothing through the time that it takes.
        self._links[_digest(code)] = now_s + LINK_S
        return SESSION_PREFIX + code

    def redeem(self, code: str, port: int) -> str:
        """The `Set-Cookie` for a link's code. Raises ApiProblem 403 and 429."""
        end_s = self._links.pop(_digest(code), None)
        if end_s is None or end_s <= self._clock.monotonic():
            self._failed("a link that does not work (any more) was opened")
            raise ApiProblem(
                403,
                "link_used_up",
                "This link does not work any more",
                "a link works once, and for one minute",
                hint=HINT,
            )
        expires_s = self._clock.wall_ms() // 1000 + COOKIE_S
        claim = f"{expires_s}.{secrets.token_urlsafe(12)}"
        value = f"{claim}.{self._signature(claim)}"
        return (
            f"{_cookie_name(port)}={value}; Path=/; Max-Age={COOKIE_S}; HttpOnly; SameSite=Strict"
        )

    def _bearer_is_right(self, headers: Headers) -> bool:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        said = shown.strip().encode("utf-8", "replace")
        right = any(hmac.compare_digest(said, token) for token in self._tokens)
        return right and scheme.lower() == "bearer"

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        # Cookies do not know ports: those of other servers on this computer come along.
        shown = [morsel.value for name, morsel in cookies.items() if name.startswith(_COOKIE)]
        return any(self._signed(value) for value in shown)

    def _signed(self, value: str) -> bool:
        claim, _, signature = value.rpartition(".")
        expected = self._signature(claim).encode()
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected):
            return False
        expires_s = int(claim.partition(".")[0])
        return self._clock.wall_ms() // 1000 < expires_s

    def _signature(self, claim: str) -> str:
        return hmac.new(self._token, b"cookie." + claim.encode(), hashlib.sha256).hexdigest()

    def _failed(self, what: str) -> None:
        now_s = self._clock.monotonic()
        full = len(self._failures) == _FAILURES and now_s - self._failures[0] < _WINDOW_S
        if full:
            raise ApiProblem(
                429,
                "too_many_failures",
                "Too many wrong tokens",
                "wait a minute before the next one",
                hint=HINT,
                headers={"retry-after": str(round(_WINDOW_S))},
            )
        self._failures.append(now_s)
        _log.warning("%s (%d within a minute)", what, self._recent(now_s))

    def _recent(self, now_s: float) -> int:
        return sum(now_s - at_s < _WINDOW_S for at_s in self._failures)


_COOKIE = "llama_runner_pro_"


def _cookie_name(port: int) -> str:
    return f"{_COOKIE}{port}"


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
