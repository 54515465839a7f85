"""The golden frames: bytes on which server and page have agreed.

`python -m tests.contract.golden` in the folder of the checkout writes them again, after a change
of the wire that is meant. The tests of both sides then show what the change does to them.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack
import msgspec

from llama_runner_pro.api.codec import JsonCodec, MsgpackCodec
from tests.contract.frames import CLIENT_FRAMES, SERVER_FRAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("golden")


def current() -> Iterator[tuple[str, str]]:
    """Name of each golden file, and what it holds now.

    `server-*` are encoded by our codecs, `client-*` as a client may write them.
    """
    binary, text = MsgpackCodec(), JsonCodec()
    for name, frame in SERVER_FRAMES.items():
        yield f"server-{name}.json", text.encode(frame) + "\n"
        yield f"server-{name}.msgpack.b64", _base64(binary.encode(frame))
    for name, said in CLIENT_FRAMES.items():
        yield f"client-{name}.json", msgspec.json.encode(said).decode() + "\n"
        yield f"client-{name}.msgpack.b64", _base64(msgpack.packb(msgspec.to_builtins(said)))


def _base64(message: bytes) -> str:
    return base64.b64encode(message).decode() + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in current():
        (FOLDER / name).write_text(content, "utf-8")
