from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.errors import UpstreamBroken, UpstreamTimeout
from llama_runner_pro.gateway.endings import ending_of, error_of, retry_after_s, silence
from llama_runner_pro.gateway.road import Limits
from llama_runner_pro.gateway.upstream_connection import Breakdown

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Ending


@pytest.mark.parametrize(
    ("status", "said", "ending"),
    [
        (200, b"", "ok"),
        (302, b"", "ok"),
        (401, b"", "unauthorized"),
        (403, b"", "unauthorized"),
        (404, b"", "refused"),
        (429, b"", "busy"),
        (500, b"Loading model", "server_error"),
        (503, b"Loading model", "loading"),
        (503, b"no slot available", "busy"),
        (503, b"", "server_error"),
        (501, b"This server does not support embeddings.", "refused"),
        (500, b"CUDA error: operation not supported", "server_error"),
        (500, b"image input is not supported - hint: you may need the mmproj", "refused"),
        (500, b"input (9000 tokens) is too large to process. increase the batch", "refused"),
        (500, b"Error: Jinja Exception: Conversation roles must alternate", "refused"),
        (500, b"{{ raise_exception('Only user and assistant roles') }}", "refused"),
        (500, b"Failed to load image or audio file", "refused"),
        (502, b"image input is not supported", "server_error"),
    ],
)
def test_the_ending_is_told_from_status_and_words(status: int, said: bytes, ending: Ending) -> None:
    assert ending_of(status, said) == ending


@pytest.mark.parametrize("ending", ["no_first_byte", "stalled"])
def test_silence_is_a_timeout(ending: Ending) -> None:
    error = error_of("demo", Breakdown(ending, "silent"))
    assert error == UpstreamTimeout("demo: silent")


def test_everything_else_is_a_broken_server() -> None:
    assert error_of("demo", Breakdown("cut_off", "gone")) == UpstreamBroken("demo: gone")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(b"7", 7.0), (b"0", 0.0), (b"99999999", 3600.0), (b"soon", None), (b"-1", None)],
)
def test_retry_after_counts_in_seconds(value: bytes, seconds: float | None) -> None:
    assert retry_after_s([(b"retry-after", value)]) == seconds


def test_patience_differs_before_and_after_the_first_byte() -> None:
    limits = Limits(first_byte_timeout_s=60, stall_timeout_s=5)
    assert silence(59, limits, began=False) is None
    assert silence(61, limits, began=False) == Breakdown("no_first_byte", "no answer within 60 s")
    assert silence(4, limits, began=True) is None
    broken = silence(6, limits, began=True)
    assert broken is not None
    assert broken.ending == "stalled"
