"""What a streaming client is told while the model loads: thinking text, or a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from llama_runner_pro.gateway.ports import Progress
    from llama_runner_pro.gateway.routes import Route


def waiting_event(route: Route, model: str, progress: Progress, wall_ms: int) -> bytes:
    """One event. Only chats have a place for thinking; clients leave comments out."""
    if route.operation != "chat":
        return waiting_comment(progress)
    delta = {"role": "assistant", "content": None, "reasoning_content": f"{progress.text}\n"}
    chunk = {
        "id": "chatcmpl-waiting",
        "object": "chat.completion.chunk",
        "created": wall_ms // 1000,
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def waiting_comment(progress: Progress) -> bytes:
    """For streams of events without such a place."""
    return b": " + " ".join(progress.text.split()).encode() + b"\n\n"
