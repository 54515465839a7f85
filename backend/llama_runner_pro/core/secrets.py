"""Keeping secrets out of everything that people and files get to see."""

from __future__ import annotations

import re

HIDDEN = "•••"

_SHORTEST = 4
"""Hiding each occurrence of anything shorter would make texts unreadable and hide nothing."""

_SECRET_NAME = re.compile(
    r"passw(or)?d|passphrase|secret|credential|api[_-]?key|auth|bearer"
    r"|(^|[_\-. ])(key|token)($|[_\-. ])",
    re.IGNORECASE,
)

_NAMES = (
    r"(?:api[_-]?key|secret|passw(?:or)?d|passphrase"
    r"|(?:access|auth|refresh|session|id|hf)[_-]token|x-api-key)"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A whole header, whatever its scheme.
    (
        re.compile(r"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b((?:set-)?cookie[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{4,}"), rf"\1{HIDDEN}"),
    # name=value, "name": "value" and --name value.
    (re.compile(rf"(?i)({_NAMES}[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]+"), rf"\1{HIDDEN}"),
    (re.compile(rf"(?i)(--{_NAMES}\s+)[^\s-]\S*"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)([?&;\s]token=)[^\s\"',;&]{8,}"), rf"\1{HIDDEN}"),
    # Keys that are known by their beginning.
    (re.compile(r"\b(?:sk|hf|ghp|gho|github_pat|glpat|xox[bp])[-_][A-Za-z0-9_-]{16,}"), HIDDEN),
    # user:password@ in a URL.
    (re.compile(r"(://)[^\s/@:]+:[^\s/@]*@"), rf"\1{HIDDEN}@"),
)

_registered: set[str] = set()


def is_secret_name(name: str) -> bool:
    """True for `API_KEY`, `hf-token`, `PGPASSWORD`; not for `keyboard` or `max_tokens`."""
    return _SECRET_NAME.search(name) is not None


def register_secret(value: str) -> None:
    """Hide this very value from now on wherever `without_secrets` is used.

    Process-wide, because a log line may come from anywhere. Values of less than four characters
    are passed over.
    """
    if len(value) >= _SHORTEST:
        _registered.add(value)


def forget_secrets() -> None:
    """Forget all registered values: the configuration that held them is gone."""
    _registered.clear()


def without_secrets(text: str) -> str:
    """`text` with registered values, and whatever looks like a credential, replaced."""
    # The longest first: one secret may contain another.
    for value in sorted(_registered, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
