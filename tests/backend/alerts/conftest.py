"""Receivers on loopback, new for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.receivers import HttpReceiver, MailReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def web() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver().open()
    yield receiver
    receiver.close()


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    receiver = MailReceiver().open()
    yield receiver
    receiver.close()
