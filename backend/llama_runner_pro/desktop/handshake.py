"""The first line that the desktop window sends, and our proof of having read it. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from llama_runner_pro.core.errors import LlamaRunnerError

PROTOCOL = 1
LINE_LIMIT_BYTES = 64 * 1024

_Hex = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Fa-f]{64}\Z")]
_Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
_Pid = Annotated[int, msgspec.Meta(ge=1)]


@dataclass(repr=False)
class HandshakeFailed(LlamaRunnerError):
    """The window did not say what it has to, or not in time. Never quotes what it said."""

    reason: str

    def __str__(self) -> str:
        """What is wrong with the first line."""
        return f"the first line on standard input: {self.reason}"


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """What the window wants. Members that we do not know are passed over."""

    protocol: int
    token: _Hex
    """Opens the API for this one start, beside the token of the data folder."""
    nonce: _Hex
    data_dir: str | None
    """An absolute path; None for the usual folder."""
    port: _Port
    """The wished one; 0 for any free one."""
    strict_port: bool
    """No other port will do."""
    parent_pid: _Pid
    """The window's process."""
    keep_models: bool
    """Models go on when the window is gone."""

    @property
    def folder(self) -> Path | None:
        """The data folder as a path."""
        return None if self.data_dir is None else Path(self.data_dir)


def understood(line: bytes) -> Handshake:
    """The first line. Raises `HandshakeFailed`."""
    try:
        document = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HandshakeFailed("it is not JSON") from error
    if not isinstance(document, dict):
        raise HandshakeFailed("it is not a JSON object")
    protocol = document.get("protocol", PROTOCOL)
    if protocol != PROTOCOL:
        # Said first: another protocol may have other members.
        raise HandshakeFailed(
            f"it speaks protocol {_brief(protocol)}, this program speaks {PROTOCOL}; "
            "install window and program from one release"
        )
    try:
        shaken = msgspec.convert(document, Handshake)
    except msgspec.ValidationError as error:
        raise HandshakeFailed(str(error)) from error
    if shaken.folder is not None and not shaken.folder.is_absolute():
        raise HandshakeFailed("data_dir is not an absolute path")
    return shaken


def proof(shaken: Handshake) -> str:
    """Only who has read the token can tell this: HMAC-SHA256 over the nonce, both as hex text."""
    return hmac.new(shaken.token.encode(), shaken.nonce.encode(), hashlib.sha256).hexdigest()


def _brief(value: object) -> str:
    return str(value) if isinstance(value, int) else "of another kind"
