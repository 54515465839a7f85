"""Why a message did not arrive. Apprise answers yes or no and tells the rest to its log only."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from llama_runner_pro.core.secrets import HIDDEN, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST_CHARACTERS = 200
_HTTP_STATUS = re.compile(r"\berror=(\d{3})\b")
_SMTP_ANSWER = re.compile(r"\((\d{3}), b?['\"](.*?)['\"]\)")
_STATUS_WORDS = {status.value: status.phrase for status in HTTPStatus}
_CAUSES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"connection refused", "nobody listens there (connection refused)"),
        (
            r"certificate|CERTIFICATE_VERIFY_FAILED",
            "the server's certificate cannot be trusted",
        ),
        (r"wrong version number|SSLError|\[SSL", "the server does not speak TLS there"),
        (
            r"name or service not known|failed to resolve|getaddrinfo|name resolution",
            "the server's name could not be found",
        ),
        (r"timed out|timeout", "no answer in time"),
        (r"unreachable", "the network does not reach it"),
        (
            r"reset by peer|connection aborted|unexpectedly closed|disconnected",
            "the server closed the connection",
        ),
    )
)


class _Listener(logging.Handler):
    """Gathers what is logged by threads that listen."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.here = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text of a record for the thread that caused it."""
        said: list[str] | None = getattr(self.here, "said", None)
        if said is not None:
            said.append(record.getMessage())


_listener = _Listener()


@contextmanager
def listening() -> Iterator[list[str]]:
    """What Apprise logs in this thread meanwhile.

    Its records go nowhere else: they hold whole messages and addresses.
    """
    log = logging.getLogger("apprise")
    if _listener not in log.handlers:
        log.addHandler(_listener)
        log.propagate = False
        log.setLevel(logging.DEBUG)
        # The library below it logs addresses as well.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
    said: list[str] = []
    _listener.here.said = said
    try:
        yield said
    finally:
        _listener.here.said = None


def reason_in_words(said: Sequence[str], secrets: Sequence[str]) -> str:
    """The most telling of these texts, in our words where we know it, without `secrets`."""
    for text in reversed(said):
        known = _known(text)
        if known is not None:
            return _shown(known, secrets)
    last = said[-1] if said else "Apprise gave no reason"
    return _shown(last, secrets)


def _known(text: str) -> str | None:
    status = _HTTP_STATUS.search(text)
    if status is not None:
        code = int(status.group(1))
        return f"the server answered {code} ({_STATUS_WORDS.get(code, 'unknown')})"
    answer = _SMTP_ANSWER.search(text)
    if answer is not None:
        return f"the mail server answered {answer.group(1)} {answer.group(2)}"
    return next((words for pattern, words in _CAUSES if pattern.search(text)), None)


def _shown(text: str, secrets: Sequence[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    plain = " ".join(without_secrets(text).split())
    if len(plain) <= _LONGEST_CHARACTERS:
        return plain
    return plain[: _LONGEST_CHARACTERS - 1] + "…"
