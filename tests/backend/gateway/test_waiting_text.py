from __future__ import annotations

import json

from llama_runner_pro.gateway.ports import Progress
from llama_runner_pro.gateway.routes import ROUTES
from llama_runner_pro.gateway.waiting_text import waiting_event

LOADING = Progress(phase="loading", text="loading demo\n(40 %)", ratio=0.4)


def test_a_chat_is_told_as_thinking() -> None:
    event = waiting_event(ROUTES[b"POST", b"/v1/chat/completions"], "demo", LOADING, 5_000)
    assert event.endswith(b"\n\n")
    chunk = json.loads(event.removeprefix(b"data: "))
    assert chunk["model"] == "demo"
    assert chunk["created"] == 5
    delta = chunk["choices"][0]["delta"]
    assert delta["reasoning_content"] == "loading demo\n(40 %)\n"
    assert delta["content"] is None


def test_others_get_a_comment_on_one_line() -> None:
    event = waiting_event(ROUTES[b"POST", b"/v1/responses"], "demo", LOADING, 0)
    assert event == b": loading demo (40 %)\n\n"
