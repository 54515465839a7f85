"""The shape of a verdict."""

from __future__ import annotations

import typing

import pytest

from llama_runner_pro.supervision.probes import result
from llama_runner_pro.supervision.probes.result import ProbeResult, Verdict


def test_verdict_alone_has_no_reason_and_no_time() -> None:
    assert ProbeResult("refused") == ProbeResult("refused", "", None)


def test_verdict_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        ProbeResult("ok").reason = "other"  # type: ignore[misc]


def test_each_verdict_is_explained() -> None:
    explained = result.ProbeResult.__doc__ or ""
    assert all(f"{word}:" in explained for word in typing.get_args(Verdict))
