"""Who has a port that the gateway wants: the process, and what it answers as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.gateway.doors import Occupant
from llama_runner_pro.supervision.discovery.answers import Answers
from llama_runner_pro.supervision.discovery.asking import Asking
from llama_runner_pro.supervision.discovery.fingerprints import fingerprint
from llama_runner_pro.supervision.discovery.listeners import Listener
from llama_runner_pro.supervision.process.ports import holder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.probes.http import Http
    from llama_runner_pro.supervision.process.ports import Holder

_ASK_S = 2.0


class Occupants:
    """Looks at a port: who listens, in words, and the family of model servers that answers."""

    def __init__(
        self,
        http: Http,
        clock: Clock,
        find_holder: Callable[[int], Awaitable[Holder | None]] = holder,
    ) -> None:
        self._http, self._clock, self._find_holder = http, clock, find_holder

    async def at(self, port: int) -> Occupant | None:
        """None when nobody listens there as far as we may see. Takes 2 s at most.

        The family is named only when its answers leave no doubt.
        """
        found = await self._find_holder(port)
        answers = Answers()
        try:
            async with Deadline(self._clock, _ASK_S):
                await Asking(self._http).ask(Listener(host="127.0.0.1", port=port), answers)
        except TimeoutError:
            pass  # judged by what it said so far
        match = fingerprint(answers, None, port)
        sure = match is not None and match.confidence == "certain"
        if found is None and not sure:
            return None
        label = match.product.label if match is not None and sure else None
        key = match.product.key if match is not None and sure else None
        text = "a process" if found is None else found.text
        return Occupant(text if label is None else f"{label}, {text}", key)
