"""Channels in memory: they take messages, refuse them, or hold them, as a test says."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from llama_runner_pro.alerts.channels import NotDelivered

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.alerts.channels import Message
    from llama_runner_pro.config.alerts import ChannelSpec


class Mailbox:
    """One channel's far end. Its `send` runs in a thread of the courier."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.tried = 0
        self.down: str | None = None
        """Why nothing arrives, while nothing does."""
        self.open = threading.Event()
        """Cleared: whoever sends has to wait."""
        self.open.set()

    def send(self, message: Message) -> None:
        """Take a message; raises NotDelivered when down."""
        self.tried += 1
        self.open.wait(60)
        if self.down is not None:
            raise NotDelivered(self.down)
        self.got.append(message)

    @property
    def titles(self) -> list[str]:
        """What arrived, in order."""
        return [message.title for message in self.got]


class Mailboxes:
    """One mailbox per channel, by name."""

    def __init__(self) -> None:
        self._boxes: dict[str, Mailbox] = {}

    def __getitem__(self, channel: str) -> Mailbox:
        return self._boxes.setdefault(channel, Mailbox())

    def sender(self, spec: ChannelSpec) -> Callable[[Message], None]:
        """What the product's `channels.sender` is, for these."""
        return self[spec.name].send
