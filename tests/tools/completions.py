"""What completions look like, by the call they answer. Standard library only."""

from __future__ import annotations

from collections.abc import Callable

Shape = Callable[[str, "int | None"], dict[str, object]]
"""From the text, and for a whole answer the number of tokens, to the document."""


def plain(text: str, tokens: int | None) -> dict[str, object]:
    """As llama.cpp's own `/completion` has it."""
    return {"content": text, "stop": tokens is not None}


def in_text(text: str, tokens: int | None) -> dict[str, object]:
    """As OpenAI's older call has it."""
    choice = {"index": 0, "text": text, "finish_reason": tokens and "length"}
    return {"choices": [choice], **used(tokens)}


def in_chat(text: str, tokens: int | None) -> dict[str, object]:
    """As OpenAI's newer call has it."""
    if tokens is None:
        return {"choices": [{"index": 0, "delta": {"content": text}}]}
    message = {"role": "assistant", "content": text}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": "length"}],
        **used(tokens),
    }


def used(tokens: int | None) -> dict[str, object]:
    """The bill that comes with a whole answer."""
    bill = {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": (tokens or 0) + 1}
    return {"usage": bill} if tokens else {}
