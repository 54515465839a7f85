"""Long texts stay on disk while the document around them is translated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llama_runner_pro.gateway.body import Spooled
from llama_runner_pro.gateway.lifted import LONG_BYTES, Lifted, Woven, lift

PICTURE = "iVBORw0KGgo" + "A+/9" * LONG_BYTES


async def lifted_of(document: Any) -> Lifted:
    """A document as it came; its file is closed already."""
    body = Spooled()
    await body.append(document if isinstance(document, bytes) else json.dumps(document).encode())
    try:
        return await lift(body)
    finally:
        body.close()


async def sent(body: bytes | Woven) -> bytes:
    """All that a server gets, which is as long as was promised."""
    assert isinstance(body, Woven)
    await body.prepare()
    whole = b"".join([piece async for piece in body.pieces()])
    assert body.size_bytes == len(whole)
    return whole


async def test_a_picture_is_put_back_wherever_it_went() -> None:
    lifted = await lifted_of({"model": "m", "images": [PICTURE, "short", PICTURE[::-1]]})
    assert len(lifted.document) < 1_000
    told = json.loads(lifted.document)
    # Its kind can still be told.
    assert told["images"][0].startswith("iVBORw0KGgo")
    made = {"url": f"data:image/png;base64,{told['images'][0]}", "other": told["images"][2]}
    # Within a text that is JSON itself, as arguments of tools are, it is the same.
    made["arguments"] = json.dumps({"picture": told["images"][0]})
    whole = json.loads(await sent(lifted.woven(json.dumps(made).encode())))
    assert whole["url"] == f"data:image/png;base64,{PICTURE}"
    assert whole["other"] == PICTURE[::-1]
    assert json.loads(whole["arguments"]) == {"picture": PICTURE}


@pytest.mark.parametrize(
    "text",
    ["x y " * LONG_BYTES, "ä" * LONG_BYTES, 'a"b' * LONG_BYTES, "a\\" * LONG_BYTES, "a" * 1_000],
)
async def test_other_texts_stay_where_they_are(text: str) -> None:
    document = json.dumps({"a": text, "b": [PICTURE, text]}, ensure_ascii=False).encode()
    lifted = await lifted_of(document)
    told = json.loads(lifted.document)
    assert told["a"] == told["b"][1] == text
    assert await sent(lifted.woven(lifted.document)) == document


@pytest.mark.parametrize(
    "document", [b"{", b'{"a":"' + b"A" * 100_000, b"\\" * 100_000, b'"\\' * 50_000, b"\x00" * 9]
)
async def test_garbage_stays_garbage(document: bytes) -> None:
    lifted = await lifted_of(document)
    assert lifted.document == document
    assert lifted.woven(document) == document


async def test_the_beginning_can_be_looked_at() -> None:
    document = json.dumps({"a": PICTURE, "b": 1}).encode()
    lifted = await lifted_of(document)
    woven = lifted.woven(lifted.document)
    assert isinstance(woven, Woven)
    for size in (3, 100, 200_000, len(document) + 5):
        assert woven.beginning(size) == document[:size]


async def test_a_request_can_be_sent_twice() -> None:
    lifted = await lifted_of({"a": PICTURE})
    woven = lifted.woven(lifted.document)
    assert await sent(woven) == await sent(woven)
