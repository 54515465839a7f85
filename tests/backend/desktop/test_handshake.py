"""The first line; what a real sidecar makes of wrong ones is in cli/test_desktop.py."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from llama_runner_pro.desktop.handshake import HandshakeFailed, proof, understood

TOKEN = "0123456789abcdef" * 4
NONCE = "ABCDEF0123456789" * 4


def line(**more: object) -> bytes:
    """A right first line, but for what is said otherwise."""
    said = {
        "protocol": 1,
        "token": TOKEN,
        "nonce": NONCE,
        "data_dir": None,
        "port": 8585,
        "strict_port": True,
        "parent_pid": 4242,
        "keep_models": False,
        **more,
    }
    return json.dumps(said).encode()


def test_all_members_are_read() -> None:
    shaken = understood(line(data_dir="/a/b", keep_models=True))
    assert (shaken.port, shaken.strict_port, shaken.parent_pid) == (8585, True, 4242)
    assert (shaken.folder, shaken.keep_models) == (Path("/a/b"), True)


def test_no_folder_means_the_usual_one() -> None:
    assert understood(line()).folder is None


def test_the_proof_is_an_hmac_over_the_texts_as_they_were_sent() -> None:
    expected = hmac.new(TOKEN.encode(), NONCE.encode(), hashlib.sha256).hexdigest()
    assert proof(understood(line())) == expected
    assert proof(understood(line(nonce="0" * 64))) != expected


@pytest.mark.parametrize("protocol", [0, 2, "1", None])
def test_another_protocol_is_told_before_anything_else(protocol: object) -> None:
    with pytest.raises(HandshakeFailed, match="one release"):
        understood(json.dumps({"protocol": protocol}).encode())


@pytest.mark.parametrize("token", ["", "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "\n"])
def test_a_token_is_64_hex_digits_and_never_quoted(token: str) -> None:
    with pytest.raises(HandshakeFailed, match="token") as failed:
        understood(line(token=token))
    assert not token.strip() or token.strip() not in str(failed.value)
